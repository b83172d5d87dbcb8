import ControlAPI

/// A daemon, asked through its control socket.
package struct DaemonControl: Sendable {
  package let socket: String
  package let language: Language

  /// Names a daemon by its socket; nothing is opened before a call.
  package init(socket: String, language: Language) {
    self.socket = socket
    self.language = language
  }

  /// Asks for one document.
  ///
  /// Throws `daemon-unreachable` when no daemon answers, or not within `limit`; `DaemonFailure` for what it refused.
  package func call(
    _ verb: String, _ arguments: JSON = .object([]), limit: Duration? = nil
  ) async throws -> JSON {
    guard let limit else { return try await ask(verb, arguments) }
    return try await withThrowingTaskGroup(of: JSON?.self) { group in
      group.addTask { try await ask(verb, arguments) }
      group.addTask {
        try await Task.sleep(for: limit)
        return nil
      }
      defer { group.cancelAll() }
      guard let answer = try await group.next() ?? nil else {
        throw unreachable("no answer within \(limit)")
      }
      return answer
    }
  }

  private func ask(_ verb: String, _ arguments: JSON) async throws -> JSON {
    let bytes: [UInt8]
    do {
      bytes = try await ControlClient(socketPath: socket).document(
        verb: verb, arguments: arguments.bytes, language: language.rawValue)
    } catch let failure as ControlFailure {
      if failure.code == Message.daemonUnreachable.code { throw unreachable(failure.message) }
      throw DaemonFailure(
        exitStatus: failure.exitStatus, code: failure.code, text: failure.message,
        hint: failure.hint)
    }
    do {
      return try JSON(parsing: bytes)
    } catch {
      throw OperatorError(
        .daemonAnswerUnreadable, ["verb": verb, "detail": "byte \(error.offset)"],
        status: .unreachable)
    }
  }

  private func unreachable(_ reason: String) -> OperatorError {
    OperatorError(.daemonUnreachable, ["socket": socket, "reason": reason], status: .unreachable)
  }
}
