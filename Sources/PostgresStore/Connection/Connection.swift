internal import CPostgres

/// One libpq connection. Calls block; it is confined to one thread at a time.
package final class Connection {
  private let handle: OpaquePointer
  /// Prepared statements by their text: each is parsed and planned once a connection.
  private var prepared: [String: String] = [:]
  /// The statement that was sent and not waited for.
  private var underWay: Sent?

  /// Connects. Throws `PostgresError` (SQLSTATE `08001`) when the server cannot be reached or refuses.
  package init(_ conninfo: String) throws(PostgresError) {
    guard let handle = PQconnectdb(conninfo) else {
      throw PostgresError(sqlState: "08001", message: "libpq is out of memory")
    }
    guard PQstatus(handle) == CONNECTION_OK else {
      let message = Connection.firstLine(PQerrorMessage(handle))
      PQfinish(handle)
      throw PostgresError(sqlState: "08001", message: message)
    }
    // Notices print values of records.
    PQsetNoticeProcessor(handle, { _, _ in }, nil)
    self.handle = handle
  }

  deinit { PQfinish(handle) }

  /// Whether the connection still stands, as far as libpq knows.
  package var isOpen: Bool { PQstatus(handle) == CONNECTION_OK }

  /// The descriptor to wait on for notifications.
  package var socket: Int32 { PQsocket(handle) }

  /// Reads what has arrived without waiting; returns what other sessions told. Throws when the connection is gone.
  package func takeNotifications() throws(PostgresError) -> [Notification] {
    guard PQconsumeInput(handle) == 1 else { throw lost("LISTEN") }
    var taken: [Notification] = []
    while let notification = PQnotifies(handle) {
      taken.append(
        Notification(
          channel: String(cString: notification.pointee.relname),
          payload: String(cString: notification.pointee.extra)))
      PQfreemem(notification)
    }
    return taken
  }

  /// Runs statements without parameters, separated by semicolons; results are dropped.
  package func execute(_ sql: String) throws(PostgresError) {
    try settle()
    guard let result = PQexec(handle, sql) else { throw lost(sql) }
    defer { PQclear(result) }
    try check(result, sql)
  }

  /// Runs one statement with parameters; the result comes in binary format.
  package func query(_ sql: String, _ parameters: [Parameter] = []) throws(PostgresError) -> Rows {
    let sent = try send(sql, parameters)
    try settle()
    guard let rows = sent.rows else { throw lost(sql) }
    return rows
  }

  /// Sends one statement and does not wait for it: this thread works on while the server does.
  ///
  /// `Sent.rows` is there after `settle`. Whatever is run next settles first, and then throws what this statement should have thrown.
  package func send(_ sql: String, _ parameters: [Parameter] = []) throws(PostgresError) -> Sent {
    try settle()
    let name = try prepare(sql, parameters)
    let values = parameters.map(\.encoded)
    var pointers: [UnsafePointer<CChar>?] = []
    let lengths = values.map { Int32($0?.count ?? 0) }
    let formats = [Int32](repeating: 1, count: values.count)
    // Not empty: an empty buffer has no address, and no address means NULL.
    let flat = values.map { $0.map { $0.isEmpty ? [0] : $0 } ?? [0] }
    let isSent = withPointers(flat, present: values.map { $0 != nil }, &pointers) { list in
      PQsendQueryPrepared(handle, name, Int32(values.count), list, lengths, formats, 1)
    }
    guard isSent == 1 else { throw lost(sql) }
    let sent = Sent(sql)
    underWay = sent
    return sent
  }

  /// Waits for the statement that was sent, if there is one. Throws what it failed with, once.
  package func settle() throws(PostgresError) {
    guard let sent = underWay else { return }
    underWay = nil
    var failure: PostgresError?
    while let result = PQgetResult(handle) {
      do {
        try check(result, sent.sql)
        sent.rows = Rows(result)
      } catch {
        failure = error
        PQclear(result)
      }
    }
    if let failure { throw failure }
    if sent.rows == nil { throw lost(sent.sql) }
  }

  /// Streams rows into `COPY … FROM STDIN`. `chunks` are whole buffers in the statement's format.
  package func copyIn(_ sql: String, _ chunks: [[UInt8]]) throws(PostgresError) {
    try settle()
    guard let start = PQexec(handle, sql) else { throw lost(sql) }
    let status = PQresultStatus(start)
    if status != PGRES_COPY_IN {
      defer { PQclear(start) }
      try check(start, sql)
      return
    }
    PQclear(start)
    for chunk in chunks {
      let sent = chunk.withUnsafeBytes { bytes in
        PQputCopyData(handle, bytes.bindMemory(to: CChar.self).baseAddress, Int32(bytes.count))
      }
      guard sent == 1 else { throw lost(sql) }
    }
    guard PQputCopyEnd(handle, nil) == 1 else { throw lost(sql) }
    var failure: PostgresError?
    while let result = PQgetResult(handle) {
      do { try check(result, sql) } catch { failure = error }
      PQclear(result)
    }
    if let failure { throw failure }
  }

  /// Asks the server to give up what this connection is running; may be called from another thread through the returned closure.
  package func canceller() -> @Sendable () -> Void {
    let cancel = CancelHandle(PQgetCancel(handle))
    return { cancel.cancel() }
  }

  private func prepare(_ sql: String, _ parameters: [Parameter]) throws(PostgresError) -> String {
    if let name = prepared[sql] { return name }
    let name = "s\(prepared.count)"
    let types = parameters.map { Oid($0.typeID) }
    guard let result = PQprepare(handle, name, sql, Int32(types.count), types) else {
      throw lost(sql)
    }
    defer { PQclear(result) }
    try check(result, sql)
    prepared[sql] = name
    return name
  }

  private func withPointers<T>(
    _ storage: [[UInt8]], present: [Bool], _ pointers: inout [UnsafePointer<CChar>?],
    _ body: ([UnsafePointer<CChar>?]) -> T
  ) -> T {
    if pointers.count == storage.count { return body(pointers) }
    let index = pointers.count
    return storage[index].withUnsafeBytes { bytes in
      pointers.append(present[index] ? bytes.bindMemory(to: CChar.self).baseAddress : nil)
      return withPointers(storage, present: present, &pointers, body)
    }
  }

  private func check(_ result: OpaquePointer, _ sql: String) throws(PostgresError) {
    switch PQresultStatus(result) {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE, PGRES_EMPTY_QUERY, PGRES_COPY_IN:
      return
    default:
      let state = PQresultErrorField(result, Int32(UnicodeScalar("C").value))
      let message = PQresultErrorField(result, Int32(UnicodeScalar("M").value))
      let hint = PQresultErrorField(result, Int32(UnicodeScalar("H").value))
      guard let state else { throw lost(sql) }
      throw PostgresError(
        sqlState: String(cString: state), message: Connection.firstLine(message),
        hint: hint.map { String(cString: $0) } ?? "", statement: sql)
    }
  }

  private func lost(_ sql: String) -> PostgresError {
    PostgresError(
      sqlState: "08006", message: Connection.firstLine(PQerrorMessage(handle)), statement: sql)
  }

  private static func firstLine(_ text: UnsafePointer<CChar>?) -> String {
    guard let text else { return "no message" }
    return String(cString: text).split(separator: "\n").first.map(String.init) ?? "no message"
  }
}

/// A statement that was sent. Confined to the thread of its connection.
package final class Sent {
  fileprivate let sql: String
  /// What it brought; nil until it is settled, and when it failed.
  package fileprivate(set) var rows: Rows?

  fileprivate init(_ sql: String) { self.sql = sql }
}

/// A handle that may cancel from another thread, as libpq allows.
private final class CancelHandle: @unchecked Sendable {
  private let cancelling: OpaquePointer?
  init(_ cancel: OpaquePointer?) { cancelling = cancel }
  deinit { if let cancelling { PQfreeCancel(cancelling) } }

  func cancel() {
    guard let cancelling else { return }
    var buffer = [CChar](repeating: 0, count: 256)
    _ = PQcancel(cancelling, &buffer, 256)
  }
}

/// What another session told with `NOTIFY`.
package struct Notification: Sendable, Hashable {
  package let channel: String
  /// Empty when there was none.
  package let payload: String
}
