/// Runs the commands that reach a daemon through its socket.
package protocol ControlHandler: Sendable {
  /// Runs one command and answers with JSON documents in UTF-8: one for most verbs, many for a watching one.
  ///
  /// `arguments` is one JSON object in UTF-8, or empty. `language` is `zh` or `en`. `actor` is the user at the other
  /// end as the kernel says; nil when it could not. A stream that throws `ControlFailure` ends the call with it; any
  /// other error is reported as an internal one. The stream is cancelled when the caller goes away.
  func handle(
    verb: String, arguments: [UInt8], language: String, actor: ControlActor?
  ) -> AsyncThrowingStream<[UInt8], any Error>
}

/// The user at the other end of the control socket (`SO_PEERCRED`, unix(7)).
package struct ControlActor: Hashable, Sendable {
  /// The numeric user id of the calling process.
  package let user: UInt32
}
