extension Migrations {
  /// The values of fields in conflict, and what a write that names an older version brings with it.
  static let conflicts = """
    CREATE TABLE huijia.conflict_value (
      ledger smallint, key text COLLATE "C", field smallint, number smallint,
      id text COLLATE "C" NOT NULL, kind text NOT NULL, value text, body bytea NOT NULL,
      node text NOT NULL, tier text NOT NULL, author text, at timestamptz, rank smallint NOT NULL,
      dot text NOT NULL, why text, version text NOT NULL,
      PRIMARY KEY (ledger, key, field, number));
    CREATE INDEX conflict_value_id ON huijia.conflict_value (id);
    CREATE INDEX conflict_value_kind ON huijia.conflict_value (kind, ledger, key, field)
      WHERE number = 1;
    ALTER TABLE huijia.record ADD COLUMN seen bytea;
    DO $$ DECLARE name text; BEGIN
      FOR name IN SELECT c.relname FROM pg_class c WHERE c.relkind = 'r'
        AND c.relnamespace = 'huijia'::regnamespace AND c.relname LIKE 'outbox\\_%'
      LOOP
        EXECUTE format('ALTER TABLE huijia.%I ADD COLUMN seen bytea', name);
      END LOOP;
    END $$;
    """
}
