/// Lets asynchronous work of one kind run in the order in which it was asked for, one piece after the other.
actor OneAtATime {
  private var last: Task<Void, Never>?

  /// Runs `body` when what was asked for before has ended. Throws what it throws.
  func run<T: Sendable>(_ body: @escaping @Sendable () async throws -> T) async throws -> T {
    let former = last
    let task = Task {
      await former?.value
      return try await body()
    }
    last = Task { _ = try? await task.value }
    return try await task.value
  }
}
