package import ReplicationCore
package import ReplicationEngine

extension PostgresTransaction {
  package func noteArrivals(_ arrivals: [Arrival]) throws {
    _ = try connection.query(
      """
      INSERT INTO huijia.arrival (at, ledger, key, fields, kind, node, author, peer, written)
      SELECT a, l, k, f, d, n, nullif(w, ''), p, t FROM unnest($1::bigint[], $2::bigint[], $3::text[],
        $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::bigint[])
        u(a, l, k, f, d, n, w, p, t)
      """,
      [
        .ints(arrivals.map(\.at)), .ints(arrivals.map { Int64($0.ref.ledger.number) }),
        .texts(arrivals.map(\.ref.key)), .ints(arrivals.map { Int64($0.fields.bits) }),
        .ints(arrivals.map { Int64($0.kind.rawValue) }),
        .texts(arrivals.map { $0.dot.replica.node.description }),
        .texts(arrivals.map(\.actor)), .texts(arrivals.map(\.peer.description)),
        .ints(arrivals.map(\.time)),
      ])
  }

  package func forget(_ fields: [RecordRef: FieldSet]) throws {
    let gone = fields.sorted { $0.key < $1.key }
    let parameters: [Parameter] = [
      .ints(gone.map { Int64($0.key.ledger.number) }), .texts(gone.map(\.key.key)),
    ]
    let bits = Parameter.ints(gone.map { Int64($0.value.bits) })
    _ = try connection.query(
      """
      DELETE FROM huijia.arrival a USING unnest($1::bigint[], $2::text[], $3::bigint[]) g(l, k, f)
      WHERE a.ledger = g.l AND a.key = g.k AND a.fields & ~g.f = 0
      """, parameters + [bits])
    _ = try connection.query(
      """
      UPDATE huijia.arrival a SET fields = a.fields & ~g.f
      FROM unnest($1::bigint[], $2::text[], $3::bigint[]) g(l, k, f)
      WHERE a.ledger = g.l AND a.key = g.k AND a.fields & g.f <> 0
      """, parameters + [bits])
    _ = try connection.query(
      """
      UPDATE huijia.refused r SET proof = NULL FROM unnest($1::bigint[], $2::text[]) g(l, k)
      WHERE r.ledger = g.l AND r.key = g.k AND r.proof IS NOT NULL
      """, parameters)
  }

  package func trimArrivals(keeping rows: Int, since time: Int64) throws {
    _ = try connection.query(
      """
      DELETE FROM huijia.arrival WHERE id IN (
        SELECT id FROM (SELECT id, at FROM huijia.arrival ORDER BY id LIMIT 20000) o
        WHERE o.at < $2 OR o.id <= (SELECT max(id) FROM huijia.arrival) - $1)
      """, [.int(Int64(rows)), .int(time)])
  }
}
