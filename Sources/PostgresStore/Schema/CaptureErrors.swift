/// The functions that raise what an application sees; they are called where a value stands, so they claim to return one. The SQLSTATE stands in the text too: psql does not show it.
enum CaptureErrors {
  static let functions: [String] = [
    """
    CREATE OR REPLACE FUNCTION huijia.raise_invalid(ledger text, key text, field text)
    RETURNS bigint LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'HJ002: invalid value in field "%" of ledger "%", key %', field, ledger, key
        USING ERRCODE = 'HJ002', COLUMN = field, TABLE = ledger,
        HINT = format('see the rule of the field: huijiactl ledger show %s', ledger);
    END $$
    """,
    """
    CREATE OR REPLACE FUNCTION huijia.raise_denied(
      ledger_id smallint, ledger_name text, key text, denied bigint)
    RETURNS bigint LANGUAGE plpgsql AS $$
    DECLARE f record; rules text;
    BEGIN
      IF NOT EXISTS (SELECT FROM huijia.local_scope) THEN
        RAISE EXCEPTION 'HJ001: this node has no permission scope yet, ledger "%", key %',
          ledger_name, key USING ERRCODE = 'HJ001', TABLE = ledger_name,
          HINT = 'the region''s policy comes with the link to the parent: huijiactl status';
      END IF;
      SELECT lf.name, lf.maintainers INTO f FROM huijia.local_field lf
        WHERE lf.ledger = ledger_id AND denied & (1::bigint << lf.field::int) <> 0
        ORDER BY lf.field LIMIT 1;
      SELECT string_agg(DISTINCT s.rule, ', ') INTO rules FROM huijia.local_scope s
        WHERE s.ledger = ledger_id;
      IF f.name IS NULL OR denied & 1 <> 0 THEN
        RAISE EXCEPTION 'HJ001: ledger "%", key %: this home is outside the scope of this node (rule %)',
          ledger_name, key, coalesce(rules, 'none') USING ERRCODE = 'HJ001', TABLE = ledger_name,
          HINT = 'a node writes records whose home lies in its own division';
      END IF;
      RAISE EXCEPTION 'HJ001: field "%" of ledger "%", key % is outside the scope of this node (rule %)',
        f.name, ledger_name, key, coalesce(rules, 'none')
        USING ERRCODE = 'HJ001', COLUMN = f.name, TABLE = ledger_name,
        HINT = format('the field is maintained by %s', f.maintainers);
    END $$
    """,
  ]
}
