extension ApplicationObject {
  /// `huijia.conflict`: a row for each value of a field in conflict, the shown one first.
  static let conflict = view(
    "conflict",
    """
    SELECT l.name AS ledger, c.key, CASE c.field WHEN 0 THEN 'alive' ELSE f.name END AS field, c.kind,
      c.value, c.node, c.author, c.tier, c.at AS time, c.rank, c.number = 1 AS shown, c.why, c.id,
      c.number
    FROM huijia.conflict_value c JOIN huijia.ledger l ON l.id = c.ledger
      LEFT JOIN huijia.local_field f ON f.ledger = c.ledger AND f.field = c.field
    """)
}
