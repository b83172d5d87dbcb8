extension Migrations {
  /// A row of an outbox may stand for many new rows: with arrays of their keys and changed fields, and no key of its own.
  static let bundles = """
    DO $$ DECLARE o record; BEGIN
      FOR o IN SELECT c.relname, format_type(a.atttypid, -1) AS kind FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'key'
        WHERE c.relkind = 'r' AND c.relnamespace = 'huijia'::regnamespace
          AND c.relname LIKE 'outbox\\_%'
      LOOP
        EXECUTE format('ALTER TABLE huijia.%I ALTER key DROP NOT NULL, ADD COLUMN keys %s[],
          ADD COLUMN bits bigint[], ADD COLUMN n integer NOT NULL DEFAULT 1', o.relname, o.kind);
      END LOOP;
    END $$;
    """
}
