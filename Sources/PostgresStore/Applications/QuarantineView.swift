extension ApplicationObject {
  /// `huijia.quarantine`: what this node refused, from whom and why; no value of a record is in it.
  static let quarantine = view(
    "quarantine",
    """
    SELECT r.id, r.at, r.peer, l.name AS ledger, r.key, r.dot, r.code, r.detail
    FROM huijia.refused r LEFT JOIN huijia.ledger l ON l.id = r.ledger
    """)
}
