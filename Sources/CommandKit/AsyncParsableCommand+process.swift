package import ArgumentParser
import DaemonKit
import Glibc

extension AsyncParsableCommand {
  /// Runs the command that the arguments name, as a whole process: what went wrong goes to standard error, and the process ends with the exit status that scripts rely on. Returns when all was done.
  package static func runProcess(_ arguments: [String]? = nil) async {
    do {
      try checkVerb(arguments ?? Array(CommandLine.arguments.dropFirst()))
      var command = try parseAsRoot(arguments)
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch let code as ExitCode {
      Glibc.exit(code.rawValue)
    } catch {
      finish(error)
    }
  }

  /// A word that is no command is said to be just that, and not the options behind it.
  private static func checkVerb(_ arguments: [String]) throws {
    let known = configuration.subcommands.compactMap { $0.configuration.commandName }
    guard !known.isEmpty, let verb = arguments.first, !verb.hasPrefix("-"), verb != "help",
      !known.contains(verb)
    else { return }
    throw OperatorError(
      .commandUnknown, ["command": verb, "known": known.joined(separator: ", ")], status: .usage)
  }

  /// Says what went wrong and ends the process; a request for help is no error.
  private static func finish(_ error: any Error) -> Never {
    if let (text, status) = Outcome.of(error, in: .current) {
      Outcome.complain(text)
      Glibc.exit(status)
    }
    if exitCode(for: error) == .success {
      Outcome.say(fullMessage(for: error))
      Glibc.exit(ExitStatus.done.rawValue)
    }
    Outcome.complain(fullMessage(for: error))
    Glibc.exit(ExitStatus.usage.rawValue)
  }
}
