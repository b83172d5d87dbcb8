internal import ReplicationCore
package import ReplicationEngine
internal import SignedFeed

extension PostgresTransaction {
  package func documents() throws -> [SignedDocument] {
    try signedDocuments(
      """
      SELECT DISTINCT ON (kind) kind, epoch, body, signer, signature FROM huijia.document
      ORDER BY kind, epoch DESC
      """)
  }

  package func documents(_ kind: SignedDocument.Kind) throws -> [SignedDocument] {
    try signedDocuments(
      """
      SELECT kind, epoch, body, signer, signature FROM huijia.document
      WHERE kind = \(kind.rawValue) ORDER BY epoch
      """)
  }

  private func signedDocuments(_ sql: String) throws -> [SignedDocument] {
    let rows = try connection.query(sql)
    return (0..<rows.count).compactMap { row in
      guard let kind = SignedDocument.Kind(rawValue: UInt8(rows.int(row, 0) ?? 0)),
        let signer = rows.bytes(row, 3).flatMap({ Digest($0) })
      else { return nil }
      return SignedDocument(
        kind: kind, epoch: UInt64(rows.int(row, 1) ?? 0), body: rows.bytes(row, 2) ?? [],
        signer: signer, signature: rows.bytes(row, 4) ?? [])
    }
  }

  package func keepDocument(_ document: SignedDocument) throws {
    _ = try connection.query(
      "INSERT INTO huijia.document VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
      [
        .int(Int64(document.kind.rawValue)), .int(Int64(document.epoch)), .bytes(document.body),
        .bytes(document.signer.bytes), .bytes(document.signature),
      ])
  }

  package func adoptedPolicy() throws -> UInt64 {
    let rows = try connection.query(
      "SELECT value::bigint FROM huijia.setting WHERE name = 'adopted_policy'")
    return rows.count == 1 ? UInt64(rows.int(0, 0) ?? 0) : 0
  }

  package func setAdoptedPolicy(_ epoch: UInt64) throws {
    _ = try connection.query(
      """
      INSERT INTO huijia.setting VALUES ('adopted_policy', $1)
      ON CONFLICT (name) DO UPDATE SET value = excluded.value
      """, [.text("\(epoch)")])
  }

  package func raise(_ alarm: Alarm) throws {
    let peer = alarm.peer?.description ?? ""
    _ = try connection.query(
      """
      INSERT INTO huijia.alarm (code, peer, detail, at) VALUES ($1, $2, $3, $4)
      ON CONFLICT (code, peer, md5(detail)) DO UPDATE SET at = excluded.at
      """, [.text(alarm.code.rawValue), .text(peer), .text(alarm.detail), .int(alarm.at)])
    _ = try connection.query(
      """
      DELETE FROM huijia.alarm WHERE id IN (
        SELECT id FROM huijia.alarm ORDER BY at DESC, id DESC OFFSET $1)
      """, [.int(Int64(AlarmLimits.count))])
  }

  package func alarms() throws -> [Alarm] {
    let rows = try connection.query(
      "SELECT code, peer, detail, at FROM huijia.alarm ORDER BY at DESC, id DESC")
    return (0..<rows.count).compactMap { row in
      guard let code = rows.text(row, 0).flatMap({ Alarm.Code(rawValue: $0) }) else { return nil }
      return Alarm(
        code, peer: rows.text(row, 1).flatMap { NodeID($0) }, detail: rows.text(row, 2) ?? "",
        at: rows.int(row, 3) ?? 0)
    }
  }

  package func trimAlarms(before time: Int64) throws {
    _ = try connection.query("DELETE FROM huijia.alarm WHERE at < $1", [.int(time)])
  }
}
