/// Reads a text that an application gives as a record's key.
enum RecordKeyFunction {
  /// The key as its column would show it; `HJ002`, naming ledger and type, for what is no key of the ledger.
  static let definition = """
    CREATE OR REPLACE FUNCTION huijia.record_key(ledger text, name text, given text) RETURNS text
    LANGUAGE plpgsql STABLE AS $$
    DECLARE kind text; found text;
    BEGIN
      SELECT format_type(a.atttypid, -1) INTO kind FROM pg_attribute a
        WHERE a.attrelid = format('ledger.%I', $1)::regclass AND a.attname = $2;
      EXECUTE format('SELECT ($1::%s)::text', kind) INTO found USING $3;
      RETURN found;
    EXCEPTION WHEN data_exception THEN
      RAISE EXCEPTION 'HJ002: what was given is no key of ledger "%": its key "%" is of type %', $1, $2, kind
        USING ERRCODE = 'HJ002', HINT = format('give the key as ledger.%I shows it', $1);
    END $$
    """
}
