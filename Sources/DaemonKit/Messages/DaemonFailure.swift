/// A failure that the daemon reported, already in the caller's language.
package struct DaemonFailure: Error, Sendable, Hashable {
  package let exitStatus: Int32
  package let code: String
  package let text: String
  /// Empty when there is nothing to add.
  package let hint: String

  /// Makes a failure.
  package init(exitStatus: Int32, code: String, text: String, hint: String) {
    self.exitStatus = exitStatus
    self.code = code
    self.text = text
    self.hint = hint
  }
}
