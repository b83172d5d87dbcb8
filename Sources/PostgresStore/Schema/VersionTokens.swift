internal import Governance
internal import SignedFeed

/// Version tokens: what an application had before it when a person began to edit a record.
///
/// A token is `v1a-` (or `v1p-`: own writes were not sealed yet), eight bytes that bind it to its record, `-`, and the version column's bytes (of a record with a body: of the same
/// form, every sibling in it). It holds no value. Whoever invents one claims nothing: sealing takes of it only what the node has seen.
///
/// Against what came from elsewhere the value stays beside the new one. This node's own writes are one line and cannot: a write that
/// names a version from before an own one of the same fields is refused (`HJ004`), unless the version was read while own writes waited.
enum VersionTokens {
  static let functions: [String] = [
    """
    CREATE OR REPLACE FUNCTION huijia.version_mark(ledger text, key text, seen bytea) RETURNS text
    LANGUAGE sql IMMUTABLE AS $$
      SELECT left(encode(sha256(convert_to($1 || '/' || $2 || '/', 'UTF8') || $3), 'hex'), 16)
    $$
    """,
    """
    CREATE OR REPLACE FUNCTION huijia.version_seen(
      ledger text, key text, token text, old_v bytea, changed bigint)
    RETURNS bytea LANGUAGE plpgsql AS $$
    DECLARE seen bytea; now_v bytea := old_v; is_later boolean;
    BEGIN
      IF current_setting('huijia.refusal', true) <> '' THEN RETURN NULL; END IF;
      IF token ~ '^v1[ap]-[0-9a-f]{16}-([0-9a-f]{2})*$' THEN
        seen := decode(substr(token, 22), 'hex');
      END IF;
      IF seen IS NULL OR substr(token, 5, 16) <> huijia.version_mark($1, $2, seen) THEN
        PERFORM huijia.refuse('HJ002', $1, NULL,
          format('the setting huijia.seen is no version of ledger "%s", key %s', $1, $2),
          'SET LOCAL huijia.seen to what huijia.version gave for this record, for its own write only');
        RETURN NULL;
      END IF;
      IF substr(token, 3, 1) = 'p' THEN RETURN seen; END IF;
      IF now_v = '\\x01'::bytea THEN
        SELECT coalesce(r.seen, '') INTO now_v FROM huijia.record r JOIN huijia.ledger l ON l.id = r.ledger
          WHERE l.name = $1 AND r.key = $2;
      END IF;
      is_later := huijia.own_index(now_v, $5) > huijia.own_index(seen, $5);
      IF NOT is_later THEN
        EXECUTE format('SELECT EXISTS (SELECT FROM huijia.%I o
          WHERE (o.key::text = $1 AND o.op <> ''V'' AND o.changed & $2 <> 0 OR $1 = ANY (o.keys::text[])
            AND o.bits[array_position(o.keys::text[], $1)] & $2 <> 0) AND o.xid <> pg_current_xact_id())', 'outbox_' || $1)
          INTO is_later USING $2, $5;
      END IF;
      IF is_later THEN
        PERFORM huijia.refuse('HJ004', $1, NULL,
          format('ledger "%s", key %s was written at this node after the form was read', $1, $2),
          'read the record and its version again');
        RETURN NULL;
      END IF;
      RETURN seen;
    END $$
    """,
  ]

  /// The token of a record as it was read.
  static func token(ledger: String, key: String, seen: [UInt8]) -> String {
    let mark = Digest(hashing: Array("\(ledger)/\(key)/".utf8) + seen).description.prefix(16)
    return "v1a-\(mark)-" + seen.map { Digits.hexadecimal($0) }.joined()
  }
}

extension ApplicationObject {
  /// `huijia.version(ledger, key)`: a record's version token; NULL when the node shows no such record.
  static let version = function(
    "version(text, text)",
    [RecordKeyFunction.definition, OwnWriteFunctions.index] + VersionTokens.functions + [
      """
      CREATE OR REPLACE FUNCTION huijia.version(ledger text, key text) RETURNS text
      LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      DECLARE about record; wanted text; found_key text; seen bytea; waits boolean;
      BEGIN
        SELECT l.id, l.key INTO about FROM huijia.ledger l WHERE l.name = $1;
        IF about.id IS NULL THEN
          RAISE EXCEPTION 'HJ002: there is no ledger "%"', $1 USING ERRCODE = 'HJ002',
            HINT = 'see the ledgers: huijiactl ledger list';
        END IF;
        wanted := huijia.record_key($1, about.key, $2);
        EXECUTE format('SELECT t.%1$I::text, coalesce(t._v, %3$L::bytea), t._v IS NULL FROM ledger.%2$I t WHERE t.%1$I = %4$L',
          about.key, $1, '', wanted) INTO found_key, seen, waits;
        IF found_key IS NULL THEN RETURN NULL; END IF;
        IF seen = '\\x01'::bytea THEN
          SELECT coalesce(r.seen, ''::bytea) INTO seen FROM huijia.record r
            WHERE r.ledger = about.id AND r.key = found_key;
        END IF;
        IF NOT waits THEN
          EXECUTE format('SELECT EXISTS (SELECT FROM huijia.%I o WHERE o.key = %L AND o.op <> ''V'')',
            'outbox_' || $1, found_key) INTO waits;
        END IF;
        RETURN CASE WHEN waits THEN 'v1p-' ELSE 'v1a-' END || huijia.version_mark($1, found_key, seen) || '-' || encode(seen, 'hex');
      END $$
      """
    ])
}
