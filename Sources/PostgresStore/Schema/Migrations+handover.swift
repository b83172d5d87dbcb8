extension Migrations {
  /// The hand-over archive sealed: rows that were there stay in plain until the parent's key is heard, and are sealed then.
  static let handover = """
    ALTER TABLE huijia.archive ADD COLUMN covered bytea NOT NULL DEFAULT '',
      ADD COLUMN askable boolean NOT NULL DEFAULT true, ADD COLUMN moved_to text,
      ADD COLUMN sealed_to text, ADD COLUMN recipient bytea, ADD COLUMN encapsulated bytea,
      ADD COLUMN box bytea, ADD COLUMN asked bigint NOT NULL DEFAULT 0,
      ADD COLUMN ask_after bigint NOT NULL DEFAULT 0, ADD COLUMN exported_at timestamptz,
      ADD COLUMN settled_at timestamptz;
    ALTER TABLE huijia.archive ALTER box SET STORAGE EXTERNAL;
    CREATE INDEX archive_record ON huijia.archive (ledger, key);
    CREATE INDEX archive_due ON huijia.archive (ask_after) WHERE settled_at IS NULL AND askable;
    CREATE INDEX archive_open ON huijia.archive (id) WHERE settled_at IS NULL;
    CREATE TABLE huijia.handover_key (
      node text PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), body bytea NOT NULL);
    """
}
