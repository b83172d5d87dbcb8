package import ReplicationCore
package import ReplicationEngine
internal import SignedFeed

extension PostgresTransaction {
  package func park(_ item: ParkedItem) throws {
    var out = ByteWriter()
    out.item(item.item)
    _ = try connection.query(
      """
      INSERT INTO huijia.parked (peer, ledger, key, item, acknowledged)
      VALUES ($1, $2, $3, $4, $5)
      """,
      [
        .text(item.peer.description),
        item.item.ref.map { .int(Int64($0.ledger.number)) } ?? .nullInt,
        item.item.ref.map { .text($0.key) } ?? .null, .bytes(out.bytes),
        .int(Int64(item.acknowledged)),
      ])
  }

  package func parked(of refs: Set<RecordRef>?, limit: Int) throws -> [ParkedItem] {
    let rows: Rows
    if let refs {
      // Mostly nothing waits at all.
      let isAny = try connection.query("SELECT id FROM huijia.parked ORDER BY id LIMIT 1")
      if isAny.count == 0 { return [] }
      rows = try connection.query(
        """
        SELECT p.id, p.peer, p.item, p.acknowledged FROM unnest($1::bigint[], $2::text[]) r(l, k)
        JOIN huijia.parked p ON p.ledger = r.l AND p.key = r.k ORDER BY p.id LIMIT $3
        """,
        [
          .ints(refs.map { Int64($0.ledger.number) }), .texts(refs.map(\.key)),
          .int(Int64(limit)),
        ])
    } else {
      // What no table takes may wait for long: it does not stand before the others, and each gets its turn.
      rows = try connection.query(
        """
        SELECT p.id, p.peer, p.item, p.acknowledged FROM (
          SELECT p.ledger, p.key FROM (
            SELECT p.ledger, p.key, min(p.id) AS first, EXISTS (SELECT FROM huijia.refused r
              WHERE r.waits AND r.ledger = p.ledger AND r.key = p.key) AS waits
            FROM huijia.parked p GROUP BY p.ledger, p.key) p
          ORDER BY waits, CASE WHEN waits THEN random() ELSE first END LIMIT $1) c
        JOIN huijia.parked p ON p.ledger = c.ledger AND p.key = c.key ORDER BY p.id
        """, [.int(Int64(limit))])
    }
    return try (0..<rows.count).map { row in
      var input = ByteReader(rows.bytes(row, 2) ?? [])
      guard let peer = rows.text(row, 1).flatMap({ NodeID($0) }) else {
        throw StoreError.damaged(table: "huijia.parked", detail: "a peer that is no node id")
      }
      return ParkedItem(
        id: UInt64(rows.int(row, 0) ?? 0), peer: peer, item: try input.item(),
        acknowledged: UInt64(rows.int(row, 3) ?? 0))
    }
  }

  package func unpark(_ ids: [UInt64]) throws {
    hasUnparked = true
    _ = try connection.query(
      "DELETE FROM huijia.parked WHERE id = ANY($1)", [.ints(ids.map(Int64.init))])
  }

  package func quarantine(_ item: QuarantinedItem) throws {
    quarantinedPeers.insert(item.peer)
    _ = try connection.query(
      """
      INSERT INTO huijia.refused (peer, ledger, key, dot, code, detail, proof)
      VALUES ($1, $2, $3, $4, $5, $6, $7)
      """,
      [
        .text(item.peer.description),
        item.ref.map { .int(Int64($0.ledger.number)) } ?? .nullInt,
        item.ref.map { .text($0.key) } ?? .null,
        item.dot.map { .text($0.description) } ?? .null, .text(item.code), .text(item.detail),
        item.proof.map(Parameter.bytes) ?? .nullBytes,
      ])
  }

  /// Lets the oldest refused items of peers go that have too many.
  func boundQuarantine() throws {
    for peer in quarantinedPeers {
      _ = try connection.query(
        """
        DELETE FROM huijia.refused WHERE peer = $1 AND id <= (
          SELECT id FROM huijia.refused WHERE peer = $1 ORDER BY id DESC OFFSET $2 LIMIT 1)
        """, [.text(peer.description), .int(Int64(QuarantineLimits.items))])
    }
  }

  package func signers() throws -> [SignerRecord] {
    let rows = try connection.query(
      """
      SELECT s.fingerprint, s.node, c.der FROM huijia.signer s
      CROSS JOIN unnest(s.chain) WITH ORDINALITY c(der, n) ORDER BY s.fingerprint, c.n
      """)
    var result: [SignerRecord] = []
    for row in 0..<rows.count {
      guard let fingerprint = rows.bytes(row, 0).flatMap({ Digest($0) }),
        let node = rows.text(row, 1).flatMap({ NodeID($0) })
      else { continue }
      var chain: [[UInt8]] = []
      if result.last?.fingerprint == fingerprint { chain = result.removeLast().chain }
      chain.append(rows.bytes(row, 2) ?? [])
      result.append(SignerRecord(fingerprint: fingerprint, node: node, chain: chain))
    }
    return result
  }

  package func keepSigner(_ signer: SignerRecord) throws {
    _ = try connection.query(
      "INSERT INTO huijia.signer VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
      [
        .bytes(signer.fingerprint.bytes), .text(signer.node.description),
        .byteStrings(signer.chain),
      ])
  }
}
