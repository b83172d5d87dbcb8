extension Migrations {
  /// What is refused may name a ledger that no catalog could declare; and the oldest go first, by peer. The view is made again at each start.
  static let quarantine = """
    DROP VIEW IF EXISTS huijia.quarantine;
    ALTER TABLE huijia.refused ALTER ledger TYPE integer;
    CREATE INDEX refused_peer ON huijia.refused (peer, id);
    """
}
