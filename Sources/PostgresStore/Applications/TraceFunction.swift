extension ApplicationObject {
  /// `huijia.trace(ledger, key)`: who wrote each value that a row shows, when, where, under which rule.
  ///
  /// Every batch is verified before it is kept; `signature` says whether the proof is still here: `valid`, or `missing`. A write that is
  /// not sealed yet has neither dot nor signature. `huijiactl trace` checks the signatures anew.
  static let trace = function(
    "trace(text, text)", [RecordKeyFunction.definition] + TraceReaders.all + [traceFunction])

  private static let traceFunction = """
    CREATE OR REPLACE FUNCTION huijia.trace(ledger text, key text) RETURNS TABLE (
      field text, value text, node text, author text, "time" timestamptz, dot text, rule text,
      signature text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET TimeZone = 'UTC' AS $$
    DECLARE l record; shown jsonb; v bytea; b bytea; known text;
    BEGIN
      SELECT x.id, x.name, x.key, x.homes INTO l FROM huijia.ledger x WHERE x.name = $1;
      IF NOT FOUND THEN
        SELECT string_agg(x.name, ', ' ORDER BY x.name) INTO known FROM huijia.ledger x;
        RAISE EXCEPTION 'HJ002: there is no ledger "%"', $1
          USING ERRCODE = 'HJ002', HINT = format('there are: %s', coalesce(known, 'none'));
      END IF;
      EXECUTE format('SELECT to_jsonb(t) - ''_v'', t._v FROM ledger.%I t WHERE t.%I = %L',
        l.name, l.key, huijia.record_key(l.name, l.key, $2)) INTO shown, v;
      IF shown IS NULL THEN RETURN; END IF;
      IF v = '\\x01'::bytea THEN
        SELECT r.body || ''::bytea INTO b FROM huijia.record r
          WHERE r.ledger = l.id AND r.key = shown->>l.key;
      END IF;
      RETURN QUERY EXECUTE format($q$\(traceQuery)$q$, 'outbox_' || l.name, shown->>l.key)
        USING l.id, v, b, l.homes, shown;
    END $$
    """

  /// Parameters: ledger, version column, body, home fields, row. Unsealed writes hide what they wrote over.
  private static let traceQuery = """
    WITH fields AS (
      SELECT 0::smallint AS number, 'alive' AS name UNION ALL
      SELECT f.field, f.name FROM huijia.local_field f WHERE f.ledger = $1),
    pending AS MATERIALIZED (
      SELECT DISTINCT ON (f.number) f.number, f.name, o.actor, o.at FROM (
        SELECT o.id, o.actor, o.at, o.changed FROM huijia.%1$I o
          WHERE o.key = %2$L AND o.op <> 'V' UNION ALL
        SELECT o.id, o.actor, o.at, o.bits[array_position(o.keys::text[], %2$L)] FROM huijia.%1$I o
          WHERE $2::bytea IS NULL AND %2$L = ANY (o.keys::text[])) o
      JOIN fields f ON o.changed & (1::bigint << f.number::int) <> 0
      ORDER BY f.number, o.id DESC),
    held AS MATERIALIZED (
      SELECT s.* FROM huijia.trace_stamp($2) s WHERE $3::bytea IS NULL
      UNION ALL SELECT s.* FROM huijia.trace_body($3, $4) s WHERE $3::bytea IS NOT NULL),
    proved AS MATERIALIZED (
      SELECT d.*, c.actor, c.fields AS shown FROM (
        SELECT DISTINCT h.code, h.slug, h.incarnation, h.lane, h.index FROM held h) d
      LEFT JOIN LATERAL huijia.trace_change(d.code, d.slug, d.incarnation, d.lane, d.index) c ON true),
    written AS (
      SELECT f.number, f.name, h.code, h.slug, nullif(p.actor, '') AS author,
        \(time("h.at_time")) AS at,
        format('#%%s.%%s:%%s', h.incarnation, CASE h.lane WHEN 0 THEN 'bulk' ELSE 'urgent' END,
          h.index) AS dot,
        CASE WHEN p.shown & (1::bigint << f.number::int) <> 0 THEN 'valid' ELSE 'missing' END
          AS signature
      FROM held h JOIN fields f ON h.fields & (1::bigint << f.number::int) <> 0
      JOIN proved p USING (code, slug, incarnation, lane, index)
      WHERE NOT EXISTS (SELECT FROM pending q WHERE q.number = f.number)
      UNION ALL
      SELECT q.number, q.name, split_part(s.value, '/', 1)::bigint, split_part(s.value, '/', 2),
        q.actor, q.at, NULL, 'missing'
      FROM pending q CROSS JOIN huijia.setting s WHERE s.name = 'node')
    SELECT w.name, CASE w.number WHEN 0 THEN 'true' ELSE $5->>w.name END, n.node, w.author, w.at,
      n.node || w.dot, r.labels, w.signature
    FROM written w CROSS JOIN LATERAL (
      SELECT lpad(w.code::text, 12, '0') || CASE w.slug WHEN '' THEN '' ELSE '/' || w.slug END AS node) n
    LEFT JOIN LATERAL (\(rules)) r ON w.number > 1 AND r.maintains
    ORDER BY w.number
    """

  /// The rules that give a written field to its author, as `huijiactl scope explain` names them.
  private static let rules = """
    SELECT string_agg(y.label, ', ' ORDER BY y.place) AS labels,
      coalesce(bool_or(y.maintain & (1::bigint << w.number::int) <> 0), false) AS maintains
    FROM (SELECT DISTINCT x.place, x.label, x.maintain FROM huijia.rule x WHERE x.ledger = $1 AND x.read & (1::bigint << w.number::int) <> 0
      AND (x.unit = 0 OR w.code / x.unit = x.prefix)
      AND CASE WHEN x.department IS NOT NULL
        THEN w.slug = x.department AND (x.tier IS NULL OR x.tier = \(level))
        WHEN x.tier IS NULL THEN true WHEN x.tier = 'department' THEN w.slug <> '' ELSE w.slug = '' AND x.tier = \(level) END) y
    """

  /// The tier that the author's code is of, whether it is a tier's own node or a department of it. No percent sign: the query is a format.
  private static let level = """
    CASE WHEN mod(w.code, 10000000000) = 0 THEN 'region' WHEN mod(w.code, 100000000) = 0 THEN 'city'
      WHEN mod(w.code, 1000000) = 0 THEN 'county' WHEN mod(w.code, 1000) = 0 THEN 'town'
      ELSE 'village' END
    """
}
