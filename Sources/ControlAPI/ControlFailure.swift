/// Why a command failed, ready to be shown and to end a program with.
package struct ControlFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// 1 the check that was asked for failed, 2 wrong usage or configuration, 3 the daemon or database cannot be reached, 4 refused by policy.
  package let exitStatus: Int32
  /// A stable name for scripts.
  package let code: String
  /// What happened, in the caller's language.
  package let message: String
  /// What to do next, in the caller's language; empty when there is nothing to advise.
  package let hint: String
  /// Of the message only why, for a caller that has words of its own around it; empty when the message is all there is.
  package let reason: String

  /// Makes a failure; see the properties for what each part means.
  package init(
    exitStatus: Int32, code: String, message: String, hint: String = "", reason: String = ""
  ) {
    self.exitStatus = exitStatus
    self.code = code
    self.message = message
    self.hint = hint
    self.reason = reason
  }

  /// The message, and the hint behind it.
  package var description: String { hint.isEmpty ? message : "\(message); \(hint)" }
}
