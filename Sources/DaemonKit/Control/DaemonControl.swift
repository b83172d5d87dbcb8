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

  /// Asks for documents; hands each to `document` and returns the last. Throws as `call` does.
  package func last(
    _ verb: String, _ arguments: JSON = .object([]),
    document: @escaping @Sendable (JSON) throws -> Void
  ) async throws -> JSON {
    let (documents, found) = AsyncStream.makeStream(
      of: JSON.self, bufferingPolicy: .bufferingNewest(1))
    do {
      try await ControlClient(socketPath: socket).call(
        verb: verb, arguments: arguments.bytes, language: language.rawValue
      ) { bytes in
        let json = try parse(bytes, verb)
        try document(json)
        found.yield(json)
      }
    } catch let failure as ControlFailure {
      throw translated(failure)
    }
    found.finish()
    for await last in documents { return last }
    throw OperatorError(
      .daemonAnswerUnreadable, ["verb": verb, "detail": "none came"], status: .unreachable)
  }

  private func ask(_ verb: String, _ arguments: JSON) async throws -> JSON {
    do {
      let bytes = try await ControlClient(socketPath: socket).document(
        verb: verb, arguments: arguments.bytes, language: language.rawValue)
      return try parse(bytes, verb)
    } catch let failure as ControlFailure {
      throw translated(failure)
    }
  }

  private func translated(_ failure: ControlFailure) -> any Error {
    if failure.code == Message.daemonUnreachable.code { return unreachable(failure.reason) }
    return DaemonFailure(
      exitStatus: failure.exitStatus, code: failure.code, text: failure.message,
      hint: failure.hint)
  }

  private func parse(_ bytes: [UInt8], _ verb: String) throws -> JSON {
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
