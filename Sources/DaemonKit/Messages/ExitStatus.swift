/// What a command's exit status says, the same for every command.
package enum ExitStatus: Int32, Sendable {
  case done = 0
  /// The check that was asked for failed.
  case checkFailed = 1
  /// Wrong usage or configuration.
  case usage = 2
  /// The daemon or the database cannot be reached.
  case unreachable = 3
  /// Refused by policy.
  case refused = 4
}
