internal import ReplicationCore
internal import ReplicationEngine

extension ApplicationObject {
  /// `huijia.came_home`: what came back, a row for each field: who wrote it at which node, when it was written, when it arrived and over which link.
  static let cameHome = view(
    "came_home",
    """
    SELECT a.id, l.name AS ledger, a.key, f.name AS field, \(kinds) AS kind, a.node,
      \(tier("a.node")) AS tier, a.author, a.peer AS link,
      \(time("a.written")) AS written_at, \(time("a.at")) AS arrived_at
    FROM huijia.arrival a JOIN huijia.ledger l ON l.id = a.ledger CROSS JOIN LATERAL (
      SELECT d.name FROM huijia.local_field d
      WHERE d.ledger = a.ledger AND a.fields & (1::bigint << d.field::int) <> 0
      UNION ALL SELECT 'alive' WHERE a.fields & 1 <> 0) f
    """)

  private static var kinds: String {
    let cases = Arrival.Kind.allCases.map { "WHEN \($0.rawValue) THEN '\($0)'" }
    return "CASE a.kind \(cases.joined(separator: " ")) END"
  }

  /// The tier of a node whose id is in a text expression.
  static func tier(_ node: String) -> String {
    """
    CASE WHEN \(node) LIKE '%/%' THEN 'department' WHEN \(node) LIKE '%0000000000' THEN 'region'
      WHEN \(node) LIKE '%00000000' THEN 'city' WHEN \(node) LIKE '%000000' THEN 'county'
      WHEN \(node) LIKE '%000' THEN 'town' ELSE 'village' END
    """
  }

  /// The time of microseconds since 1970 in a numeric expression.
  static func time(_ microseconds: String) -> String {
    "timestamptz 'epoch' + \(microseconds) * interval '1 microsecond'"
  }
}
