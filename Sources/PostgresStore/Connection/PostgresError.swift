/// What PostgreSQL, or the way to it, answered.
///
/// Only the SQLSTATE and the primary message are kept: DETAIL and CONTEXT print values of records.
package struct PostgresError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Five characters; `08006` when the connection is gone.
  package let sqlState: String
  /// The primary message, one line.
  package let message: String
  /// What to do, as the server (or a ledger's capture) put it; empty when it said nothing.
  package let hint: String
  /// The statement's beginning, for a developer; holds no values (they travel as parameters).
  package let statement: String

  /// Data exceptions quote the value in their primary message: theirs is not kept.
  package init(sqlState: String, message: String, hint: String = "", statement: String = "") {
    self.sqlState = sqlState
    self.message =
      sqlState.hasPrefix("22") ? "a value is not one of its column's type" : message
    self.hint = hint
    self.statement = String(statement.prefix(160))
  }

  package var description: String { "PostgreSQL \(sqlState): \(message)" }

  /// The connection is gone: a new one may help.
  package var isConnectionLoss: Bool { sqlState.hasPrefix("08") || sqlState.hasPrefix("57P") }
  /// A constraint, a column's size or an index of the table does not take a row; another row may be taken.
  package var isRowRefusal: Bool {
    sqlState.hasPrefix("23") || sqlState == "22001" || sqlState == "22003" || sqlState == "54000"
  }
  /// Another transaction held a lock for too long, or this one lost a deadlock: the same work may be tried again.
  package var isContention: Bool {
    sqlState == "55P03" || sqlState == "40P01" || sqlState == "40001"
  }
}
