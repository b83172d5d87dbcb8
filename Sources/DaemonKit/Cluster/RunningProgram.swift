package import Glibc
import Synchronization

/// A program that was started with pipes on its standard streams. Used by one thread; `finish` must be called.
package final class RunningProgram {
  package let process: pid_t
  private var input: Int32
  private var output: Int32
  private var errors: Int32
  private var outputBytes: [UInt8] = []
  private var errorBytes: [UInt8] = []

  /// Starts a program. Throws `command-missing` when that fails.
  package init(_ program: Program) throws {
    // Writing to a program that has ended must be an error code, not the end of this one.
    signal(SIGPIPE, SIG_IGN)
    let started = try Self.starting.withLock { _ in try Self.start(program) }
    process = started.process
    input = started.input
    output = started.output
    errors = started.errors
    for descriptor in [input, output, errors] {
      _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }
  }

  /// One start at a time: a pipe made by another thread must not be inherited before it is marked, or its end is never seen.
  private static let starting = Mutex(())

  private struct Started {
    let process: pid_t
    let input: Int32
    let output: Int32
    let errors: Int32
  }

  private static func start(_ program: Program) throws -> Started {
    let stdin = try makePipe(program)
    let stdout = try makePipe(program)
    let stderr = try makePipe(program)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, stdin.read, 0)
    posix_spawn_file_actions_adddup2(&actions, stdout.write, 1)
    posix_spawn_file_actions_adddup2(&actions, stderr.write, 2)
    defer { for descriptor in [stdin.read, stdout.write, stderr.write] { close(descriptor) } }
    do {
      return Started(
        process: try program.spawn(&actions), input: stdin.write, output: stdout.read,
        errors: stderr.read)
    } catch {
      for descriptor in [stdin.write, stdout.read, stderr.read] { close(descriptor) }
      throw error
    }
  }

  /// Feeds the program, reading meanwhile what it says, so that neither waits for the other. Returns false when it no longer listens.
  @discardableResult
  package func write(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty, input >= 0 {
      guard wait() else { return false }
      let count = rest.withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if count < 0, errno != EAGAIN, errno != EINTR {
        return false
      }
    }
    return input >= 0
  }

  /// How many whole lines the program has said on standard output.
  var linesSaid: Int { outputBytes.count { $0 == UInt8(ascii: "\n") } }

  /// Waits until the program says something more; false when it has closed its standard output.
  func waitForOutput() -> Bool {
    var watched = [
      pollfd(fd: output, events: Int16(POLLIN), revents: 0),
      pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
    ]
    guard output >= 0 else { return false }
    guard poll(&watched, 2, -1) >= 0 else { return errno == EINTR }
    if watched[0].revents != 0 { Self.drain(&output, into: &outputBytes) }
    if watched[1].revents != 0 { Self.drain(&errors, into: &errorBytes) }
    return output >= 0
  }

  /// Says that nothing more comes.
  package func closeInput() {
    if input >= 0 { close(input) }
    input = -1
  }

  /// Reads until the end of both outputs, waits for the program and returns what it left.
  package func finish() -> Program.Outcome {
    closeInput()
    while output >= 0 || errors >= 0 { _ = wait() }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7F
    return Program.Outcome(
      status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal, output: outputBytes,
      errors: errorBytes)
  }

  /// Waits until something can be read or written, and takes what can be read. False when the program closed its input.
  private func wait() -> Bool {
    var watched = [
      pollfd(fd: output, events: Int16(POLLIN), revents: 0),
      pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
      pollfd(fd: input, events: Int16(POLLOUT), revents: 0),
    ]
    guard poll(&watched, 3, -1) >= 0 else { return errno == EINTR }
    if watched[0].revents != 0 { Self.drain(&output, into: &outputBytes) }
    if watched[1].revents != 0 { Self.drain(&errors, into: &errorBytes) }
    return watched[2].revents & Int16(POLLERR) == 0
  }

  private static func drain(_ descriptor: inout Int32, into bytes: inout [UInt8]) {
    var buffer = [UInt8](repeating: 0, count: 32 * 1024)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count > 0 {
        bytes.append(contentsOf: buffer[0..<count])
      } else if count < 0, errno == EINTR {
        continue
      } else if count < 0, errno == EAGAIN {
        return
      } else {
        close(descriptor)
        descriptor = -1
        return
      }
    }
  }

  private static func makePipe(_ program: Program) throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else {
      throw OperatorError(
        .commandMissing, ["command": program.path, "reason": LocalFile.lastReason],
        status: .unreachable)
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }
}
