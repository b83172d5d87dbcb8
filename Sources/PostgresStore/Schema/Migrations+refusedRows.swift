extension Migrations {
  /// Which entries of the quarantine speak of parked records that their table does not take.
  static let refusedRows = """
    ALTER TABLE huijia.refused ADD COLUMN waits boolean NOT NULL DEFAULT false;
    CREATE INDEX refused_waits ON huijia.refused (ledger, key) WHERE waits;
    """
}
