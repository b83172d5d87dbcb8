package import ReplicationCore
package import ReplicationEngine
internal import SignedFeed

extension PostgresTransaction {
  package func archive(_ items: [HandoverItem]) throws {
    for item in items {
      var evidence: [[UInt8]] = []
      if case .plain(let batches) = item.content { evidence = batches.map { $0.encoded() } }
      var payload = ByteWriter()
      payload.fieldDots(item.payload)
      _ = try connection.query(
        """
        INSERT INTO huijia.archive (ledger, key, payload, evidence, covered, askable, moved_to,
          sealed_to, recipient, encapsulated, box)
        VALUES ($1, $2, $3, $4, $5, $6 = 1, $7, $8, $9, $10, $11)
        """,
        [
          .int(Int64(item.ref.ledger.number)), .text(item.ref.key), .bytes(payload.bytes),
          .byteStrings(evidence), .bytes(item.covered), .int(item.isAskable ? 1 : 0),
          item.movedTo.map { .text($0.description) } ?? .null,
        ] + item.content.parameters)
    }
  }

  package func archived(_ query: HandoverQuery) throws -> [HandoverItem] {
    switch query {
    case .open(let after, let limit):
      return try rows(
        "WHERE settled_at IS NULL AND id > $1 ORDER BY id LIMIT $2",
        [.int(Int64(after)), .int(Int64(limit))])
    case .due(let now, let limit):
      return try rows(
        """
        WHERE settled_at IS NULL AND askable AND ask_after <= $1 AND covered <> ''
        ORDER BY ask_after, id LIMIT $2
        """, [.int(now), .int(Int64(limit))])
    case .plain(let limit):
      return try rows(
        "WHERE settled_at IS NULL AND sealed_to IS NULL ORDER BY id LIMIT $1",
        [.int(Int64(limit))])
    case .ids(let ids):
      return try rows("WHERE id = ANY($1) ORDER BY id", [.ints(ids.map { Int64(clamping: $0) })])
    case .records(let refs):
      if refs.isEmpty { return [] }
      return try rows(
        """
        JOIN (SELECT DISTINCT * FROM unnest($1::bigint[], $2::text[]) u(l, k)) r
        ON ledger = l AND key = k ORDER BY id
        """, [.ints(refs.map { Int64($0.ledger.number) }), .texts(refs.map(\.key))])
    }
  }

  private func rows(_ condition: String, _ parameters: [Parameter]) throws -> [HandoverItem] {
    let rows = try connection.query(
      """
      SELECT id, ledger, key, payload, covered, askable, moved_to, sealed_to, recipient,
        encapsulated, box, asked, exported_at IS NOT NULL, settled_at IS NOT NULL,
        (extract(epoch FROM at) * 1000000)::bigint, e
      FROM huijia.archive LEFT JOIN LATERAL (SELECT string_agg(
        int4send(length(b)) || b, ''::bytea ORDER BY n) e
        FROM unnest(evidence) WITH ORDINALITY u(b, n)) v ON true
      \(condition)
      """, parameters)
    return try (0..<rows.count).map { try item(rows, $0) }
  }

  private func item(_ rows: Rows, _ row: Int) throws -> HandoverItem {
    var payload = ByteReader(rows.bytes(row, 3) ?? [])
    let dots = try payload.fieldDots()
    let (contexts, proofs) = try HandoverItem.covered(rows.bytes(row, 4) ?? [])
    return HandoverItem(
      id: UInt64(rows.int(row, 0) ?? 0),
      ref: RecordRef(LedgerID(UInt16(rows.int(row, 1) ?? 0)), rows.text(row, 2) ?? ""),
      payload: dots, contexts: contexts, proofs: proofs, isAskable: rows.int(row, 5) == 1,
      movedTo: rows.text(row, 6).flatMap { DivisionCode($0) }, content: try content(rows, row),
      since: rows.int(row, 14) ?? 0, asked: UInt32(clamping: rows.int(row, 11) ?? 0),
      isExported: rows.int(row, 12) == 1)
  }

  private func content(_ rows: Rows, _ row: Int) throws -> HandoverItem.Content {
    if rows.int(row, 13) == 1 { return .settled }
    if let node = rows.text(row, 7).flatMap({ NodeID($0) }),
      let recipient = rows.bytes(row, 8).flatMap({ Digest($0) }),
      let encapsulated = rows.bytes(row, 9), let box = rows.bytes(row, 10)
    {
      return .sealed(
        node, SealedBox(recipient: recipient, encapsulated: encapsulated, ciphertext: box))
    }
    var batches: [SignedBatch] = []
    var input = ByteReader(rows.bytes(row, 15) ?? [])
    while !input.isAtEnd {
      let count = Int(try input.fixed(4))
      batches.append(try SignedBatch(trusted: Array(try input.raw(count))))
    }
    return .plain(batches)
  }

  package func noteAsked(_ ids: [UInt64], again: Int64) throws {
    _ = try connection.query(
      "UPDATE huijia.archive SET asked = asked + 1, ask_after = $2 WHERE id = ANY($1)",
      [.ints(ids.map(Int64.init)), .int(again)])
  }

  package func noteExported(_ ids: [UInt64]) throws {
    _ = try connection.query(
      "UPDATE huijia.archive SET exported_at = now() WHERE id = ANY($1)",
      [.ints(ids.map(Int64.init))])
  }

  package func settleArchived(_ ids: [UInt64]) throws {
    _ = try connection.query(
      """
      UPDATE huijia.archive SET settled_at = now(), evidence = '{}', sealed_to = NULL,
        recipient = NULL, encapsulated = NULL, box = NULL
      WHERE id = ANY($1) AND settled_at IS NULL
      """, [.ints(ids.map(Int64.init))])
  }

  package func trimReceipts(before time: Int64) throws {
    _ = try connection.query(
      """
      DELETE FROM huijia.archive WHERE id IN (SELECT id FROM huijia.archive
        WHERE settled_at IS NOT NULL AND at < to_timestamp($1::bigint / 1000000) LIMIT 10000)
      """, [.int(time)])
  }

  package func forgetArchived(_ ids: [UInt64]) throws {
    _ = try connection.query(
      "DELETE FROM huijia.archive WHERE id = ANY($1)", [.ints(ids.map(Int64.init))])
  }

  package func handoverFigures() throws -> HandoverFigures {
    let rows = try connection.query(
      """
      SELECT count(*), count(*) FILTER (WHERE NOT askable) FROM huijia.archive
      WHERE settled_at IS NULL
      """)
    return HandoverFigures(
      open: UInt64(rows.int(0, 0) ?? 0), forOperator: UInt64(rows.int(0, 1) ?? 0))
  }

  package func handoverKey(of node: NodeID) throws -> HandoverKey? {
    let rows = try connection.query(
      "SELECT body FROM huijia.handover_key WHERE node = $1", [.text(node.description)])
    guard rows.count == 1 else { return nil }
    var input = ByteReader(rows.bytes(0, 0) ?? [])
    return try HandoverKey(from: &input)
  }

  package func keepHandoverKey(_ key: HandoverKey) throws {
    var body = ByteWriter()
    key.write(to: &body)
    _ = try connection.query(
      """
      INSERT INTO huijia.handover_key (node, body) VALUES ($1, $2)
      ON CONFLICT (node) DO UPDATE SET body = excluded.body, at = now()
      """, [.text(key.node.description), .bytes(body.bytes)])
  }
}

extension HandoverItem.Content {
  /// `sealed_to`, `recipient`, `encapsulated`, `box`.
  fileprivate var parameters: [Parameter] {
    guard case .sealed(let node, let box) = self else {
      return [.null, .nullBytes, .nullBytes, .nullBytes]
    }
    return [
      .text(node.description), .bytes(box.recipient.bytes), .bytes(box.encapsulated),
      .bytes(box.ciphertext),
    ]
  }
}

extension HandoverItem {
  /// Contexts and proofs as the column `covered` keeps them.
  fileprivate var covered: [UInt8] {
    var out = ByteWriter()
    out.varint(UInt64(contexts.count))
    for entry in contexts {
      out.byte(entry.field.number)
      out.vector(entry.context)
    }
    out.varint(UInt64(proofs.count))
    for proof in proofs { out.digest(proof) }
    return out.bytes
  }

  /// Reads the column; rows of an older program have it empty.
  fileprivate static func covered(_ bytes: [UInt8]) throws -> ([FieldContext], [Digest]) {
    if bytes.isEmpty { return ([], []) }
    var input = ByteReader(bytes)
    var contexts: [FieldContext] = []
    for _ in 0..<(try input.count(max: Int(FieldSet.limit))) {
      contexts.append(FieldContext(try input.field(), try input.vector(max: .max)))
    }
    var proofs: [Digest] = []
    for _ in 0..<(try input.count(max: input.remaining / 32)) { proofs.append(try input.digest()) }
    return (contexts, proofs)
  }
}
