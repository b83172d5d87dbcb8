extension ApplicationObject {
  /// `huijia.verify(ledger, key, fields)`: a person vouches for values as this node shows them (采核); without fields for all that the
  /// node may verify there and that have a value. Returns the names of the fields.
  ///
  /// The word is sealed like a write. Of a value that is written again before that, or that came in from elsewhere meanwhile, nothing
  /// is said: it waits for a verification of its own.
  static let verify = function(
    "verify(text, text, text[])", [RecordKeyFunction.definition, verifyFunction])

  private static let verifyFunction = """
    CREATE OR REPLACE FUNCTION huijia.verify(ledger text, key text, fields text[] DEFAULT NULL)
    RETURNS text[] LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET lock_timeout = '1s' AS $$
    DECLARE l record; f record; wanted text; shown jsonb; v bytea; allowed bigint; rules text;
      bits bigint := 0; names text[] := '{}'; known text;
      who text := left(coalesce(nullif(current_setting('huijia.actor', true), ''), session_user), 80);
    BEGIN
      SELECT x.id, x.name, x.key INTO l FROM huijia.ledger x WHERE x.name = $1;
      IF NOT FOUND THEN
        RAISE EXCEPTION 'HJ002: there is no ledger "%"', $1 USING ERRCODE = 'HJ002',
          HINT = 'see the ledgers: huijiactl ledger list';
      END IF;
      wanted := huijia.record_key(l.name, l.key, $2);
      -- Nobody writes the row until this is committed: what is meant is what stands there.
      BEGIN
        EXECUTE format('SELECT to_jsonb(t) - ''_v'', t._v FROM ledger.%I t WHERE t.%I = %L FOR SHARE',
          l.name, l.key, wanted) INTO shown, v;
      EXCEPTION WHEN lock_not_available THEN
        RAISE EXCEPTION 'HJ004: the record of ledger "%", key % is being written', l.name, wanted
          USING ERRCODE = 'HJ004', HINT = 'read it again when that is done, and verify what then stands there';
      END;
      IF shown IS NULL THEN
        RAISE EXCEPTION 'HJ002: there is no record of ledger "%", key % at this node', l.name, wanted
          USING ERRCODE = 'HJ002', HINT = 'only what is shown here can be verified here';
      END IF;
      IF v = '\\x01'::bytea THEN
        SELECT r.seen INTO v FROM huijia.record r WHERE r.ledger = l.id AND r.key = wanted;
      END IF;
      SELECT coalesce(bit_or(s.verify), 0), string_agg(DISTINCT s.rule, ', ') INTO allowed, rules
        FROM huijia.local_scope s WHERE s.ledger = l.id AND EXISTS (
          SELECT FROM huijia.local_field h WHERE h.ledger = l.id AND h.home IS NOT NULL
            AND s.columns & (1 << h.home::int) <> 0
            AND (s.unit = 0 OR (shown->>h.name)::bigint / s.unit = s.prefix));
      SELECT string_agg(x.name, ', ' ORDER BY x.field) INTO known
        FROM huijia.local_field x WHERE x.ledger = l.id AND allowed & (1::bigint << x.field::int) <> 0;
      FOR f IN SELECT w.name, x.field FROM unnest(coalesce($3, (SELECT array_agg(x.name ORDER BY x.field)
          FROM huijia.local_field x WHERE x.ledger = l.id AND shown->>x.name IS NOT NULL
            AND allowed & (1::bigint << x.field::int) <> 0))) WITH ORDINALITY w(name, place)
        LEFT JOIN huijia.local_field x ON x.ledger = l.id AND x.name = w.name ORDER BY w.place
      LOOP
        IF f.field IS NULL THEN
          RAISE EXCEPTION 'HJ002: ledger "%" has no field "%"', l.name, f.name USING ERRCODE = 'HJ002',
            HINT = format('this node may verify: %s', coalesce(known, 'nothing'));
        END IF;
        IF allowed & (1::bigint << f.field::int) = 0 THEN
          RAISE EXCEPTION 'HJ001: this node may not verify field "%" of ledger "%", key % (rule %)',
            f.name, l.name, wanted, coalesce(rules, 'none') USING ERRCODE = 'HJ001',
            HINT = format('it may verify here: %s', coalesce(known, 'nothing'));
        END IF;
        IF EXISTS (SELECT FROM huijia.conflict_value c WHERE c.ledger = l.id AND c.key = wanted
            AND c.field = f.field AND c.kind = 'pending') THEN
          RAISE EXCEPTION 'HJ002: field "%" of ledger "%", key % is in conflict', f.name, l.name, wanted
            USING ERRCODE = 'HJ002', HINT = 'decide it first: huijiactl conflicts list';
        END IF;
        bits := bits | (1::bigint << f.field::int);
        names := names || f.name;
      END LOOP;
      IF bits = 0 THEN
        RAISE EXCEPTION 'HJ001: this node may verify nothing of ledger "%", key % (rule %)', l.name,
          wanted, coalesce(rules, 'none') USING ERRCODE = 'HJ001', HINT = 'see who may: huijiactl scope explain';
      END IF;
      EXECUTE format('INSERT INTO huijia.%I (key, op, changed, actor, seen) VALUES (%L, ''V'', $1, $2, $3)',
        'outbox_' || l.name, wanted) USING bits, who, v;
      NOTIFY huijia_outbox;
      RETURN names;
    END $$
    """
}
