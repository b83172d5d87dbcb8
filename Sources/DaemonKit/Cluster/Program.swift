package import Glibc

/// A program to run: path, arguments, environment.
package struct Program: Sendable {
  package var path: String
  package var arguments: [String]
  /// Added to this process's environment.
  package var environment: [String: String]

  /// Makes a program; `arguments` do not include its own name.
  package init(_ path: String, _ arguments: [String] = [], environment: [String: String] = [:]) {
    self.path = path
    self.arguments = arguments
    self.environment = environment
  }

  /// What a finished program left.
  package struct Outcome: Sendable {
    /// The exit status; 128 and the signal when it was killed.
    package let status: Int32
    package let output: [UInt8]
    package let errors: [UInt8]

    /// Standard output as text.
    package var text: String { String(decoding: output, as: UTF8.self) }
    /// The last lines of standard error, for an error message.
    package var detail: String {
      let lines = String(decoding: errors, as: UTF8.self).split(separator: "\n")
      return lines.suffix(3).joined(separator: " · ")
    }
  }

  /// Runs it to its end, feeding it `input`. Throws `command-missing` when it cannot be started.
  package func run(input: [UInt8] = []) throws -> Outcome {
    let running = try RunningProgram(self)
    running.write(input)
    running.closeInput()
    return running.finish()
  }

  /// Runs it to its end and throws `command-failed` when it fails. Returns its standard output.
  @discardableResult
  package func runChecked(input: [UInt8] = []) throws -> String {
    let outcome = try run(input: input)
    guard outcome.status == 0 else {
      let name = path.split(separator: "/").last.map(String.init) ?? path
      throw OperatorError(
        .commandFailed,
        ["command": name, "status": "\(outcome.status)", "detail": outcome.detail],
        status: .unreachable)
    }
    return outcome.text
  }

  /// Starts it in a session of its own, so that no terminal's Ctrl-C reaches it, with both outputs appended to a log. Returns its process id.
  package func startDetached(log: String) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o644)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    // The working directory of a daemon is `/`: it keeps no other one busy.
    var program = self
    program.path = "/usr/bin/env"
    program.arguments = ["--chdir=/", path] + arguments
    return try program.spawn(&actions, flags: Self.ownSession)
  }

  /// glibc's `POSIX_SPAWN_SETSID`, which its headers show to GNU programs only.
  private static let ownSession: Int32 = 0x80

  /// Starts it with the given file actions; signals have their defaults in the new process.
  func spawn(_ actions: inout posix_spawn_file_actions_t, flags: Int32 = 0) throws -> pid_t {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for signal in [SIGINT, SIGTERM, SIGPIPE, SIGHUP] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    let wanted = flags | Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)
    posix_spawnattr_setflags(&attributes, Int16(wanted))

    let variables = ProcessEnvironment.variables.merging(environment) { _, new in new }
    var argv: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) }
    var envp: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0.key)=\($0.value)") }
    argv.append(nil)
    envp.append(nil)
    defer { for pointer in argv + envp { free(pointer) } }

    var process: pid_t = 0
    let code = posix_spawn(&process, path, &actions, &attributes, argv, envp)
    guard code == 0 else {
      throw OperatorError(
        .commandMissing, ["command": path, "reason": LocalFile.reason(code)], status: .usage)
    }
    return process
  }

  /// Finds a program by its name in `PATH`; nil when it is not there.
  package static func find(_ name: String) -> String? {
    let path = ProcessEnvironment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    let folders = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/sbin"]
    return folders.lazy.map { "\($0)/\(name)" }.first { LocalFile.isExecutable($0) }
  }
}
