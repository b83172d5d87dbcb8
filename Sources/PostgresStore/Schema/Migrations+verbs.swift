extension Migrations {
  /// Rules tell verbs and home columns apart. In `maintain` bit 0 says that records may be created, bit 1 that they may be deleted;
  /// `columns` has a bit for each home column that counts, in the ledger's order; `home` is a home column's place in it.
  static let verbs = """
    ALTER TABLE huijia.local_scope ADD COLUMN columns integer NOT NULL DEFAULT -1,
      ADD COLUMN verify bigint NOT NULL DEFAULT 0, ADD COLUMN resolve bigint NOT NULL DEFAULT 0;
    ALTER TABLE huijia.local_field ADD COLUMN home smallint;
    """
}
