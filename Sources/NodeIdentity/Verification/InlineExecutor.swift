import Synchronization

/// Runs a task's jobs on the thread that asks for its result.
///
/// The certificate library's verifier is declared async for stores that must look things up. Ours holds its
/// certificates in memory, so it never really waits, and callers inside a database transaction or a TLS
/// handshake cannot wait either.
final class InlineExecutor<Result: Sendable>: TaskExecutor {
  private let jobs = Mutex<[UnownedJob]>([])
  private let outcome = Mutex<Result?>(nil)

  /// Part of `TaskExecutor`: takes a job that is ready to run.
  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    jobs.withLock { $0.append(job) }
  }

  /// The result of `work`; nil when it waited for something outside this executor, which is a mistake of the caller's.
  static func result(of work: @escaping @Sendable () async -> Result) -> Result? {
    let executor = InlineExecutor()
    return withExtendedLifetime(executor) {
      Task(executorPreference: executor) { @concurrent in
        let result = await work()
        executor.outcome.withLock { $0 = result }
      }
      while let job = executor.jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
        job.runSynchronously(on: executor.asUnownedTaskExecutor())
      }
      return executor.outcome.withLock { $0 }
    }
  }
}
