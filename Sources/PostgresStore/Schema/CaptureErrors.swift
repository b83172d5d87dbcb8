internal import ReplicationEngine

/// The functions that say why a write is refused. The SQLSTATE stands in the text too: psql does not show it.
///
/// They are called where a row's value stands, and note the refusal in a setting of the transaction; the trigger raises it
/// afterwards, at its own level: raised within the statement, every psql would print that statement as its context.
enum CaptureErrors {
  static let functions: [String] = [
    """
    CREATE OR REPLACE FUNCTION huijia.refuse(
      code text, ledger text, field text, message text, hint text)
    RETURNS bigint LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM set_config('huijia.refusal', jsonb_build_object('code', code, 'ledger', ledger,
        'field', coalesce(field, ''), 'message', code || ': ' || message, 'hint', hint)::text, true);
      RETURN 0;
    END $$
    """,
    """
    CREATE OR REPLACE FUNCTION huijia.refuse_invalid(ledger text, key text, field text)
    RETURNS bigint LANGUAGE plpgsql AS $$
    BEGIN
      IF current_setting('huijia.refusal', true) <> '' THEN RETURN 0; END IF;
      RETURN huijia.refuse('HJ002', ledger, field,
        format('invalid value in field "%s" of ledger "%s", key %s', field, ledger, key),
        format('see the rule of the field: huijiactl ledger show %s', ledger));
    END $$
    """,
    """
    CREATE OR REPLACE FUNCTION huijia.refuse_denied(
      ledger_id smallint, ledger_name text, key text, denied bigint)
    RETURNS bigint LANGUAGE plpgsql AS $$
    DECLARE f record; rules text;
    BEGIN
      IF current_setting('huijia.refusal', true) <> '' THEN RETURN 0; END IF;
      IF NOT EXISTS (SELECT FROM huijia.local_scope s WHERE s.ledger = ledger_id) THEN
        IF EXISTS (SELECT FROM huijia.document WHERE kind = \(SignedDocument.Kind.policy.rawValue)) THEN
          RETURN huijia.refuse('HJ001', ledger_name, NULL,
            format('no rule of the policy lets this node write, ledger "%s", key %s', ledger_name, key),
            (SELECT format('its fields are maintained by %s',
                string_agg(DISTINCT lf.maintainers, '; '))
              FROM huijia.local_field lf WHERE lf.ledger = ledger_id AND lf.maintainers <> ''));
        END IF;
        RETURN huijia.refuse('HJ001', ledger_name, NULL,
          format('this node has no permission scope yet, ledger "%s", key %s', ledger_name, key),
          'the region''s policy comes with the link to the parent: huijiactl status');
      END IF;
      SELECT lf.name, lf.maintainers INTO f FROM huijia.local_field lf
        WHERE lf.ledger = ledger_id AND denied & (1::bigint << lf.field::int) <> 0
        ORDER BY lf.field LIMIT 1;
      SELECT string_agg(DISTINCT s.rule, ', ') INTO rules FROM huijia.local_scope s
        WHERE s.ledger = ledger_id;
      IF denied & 3 <> 0 THEN
        RETURN huijia.refuse('HJ001', ledger_name, NULL,
          format('this node may not %s this record of ledger "%s", key %s (rule %s)',
            CASE WHEN denied & 1 <> 0 THEN 'create' ELSE 'delete' END, ledger_name, key, rules),
          'see who may: huijiactl scope explain');
      END IF;
      IF f.name IS NULL THEN
        RETURN huijia.refuse('HJ001', ledger_name, NULL,
          format('ledger "%s", key %s: this home is outside the scope of this node (rule %s)',
            ledger_name, key, coalesce(rules, 'none')),
          'a node writes records whose home lies in its own division');
      END IF;
      RETURN huijia.refuse('HJ001', ledger_name, f.name,
        format('field "%s" of ledger "%s", key %s is outside the scope of this node (rule %s)',
          f.name, ledger_name, key, coalesce(rules, 'none')),
        format('the field is maintained by %s', f.maintainers));
    END $$
    """,
  ]
}
