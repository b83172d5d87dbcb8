internal import Governance
internal import ReplicationCore

/// Bits of a local scope's `maintain` beside those of declared fields: the numbers of `alive` and `verified`, which nobody maintains.
enum CaptureRights {
  static let create: Int64 = 1
  static let delete: Int64 = 2
}

/// The capture of one ledger: statement-level triggers with transition tables that write key, operation and changed fields.
///
/// Values are not captured; they are read at sealing, in one snapshot with the outbox. The functions run with the owner's rights
/// and a pinned search path; the actor is the login role unless the application names a person. Nested loops are off: a plan is
/// kept for the session, and one made for a single row would walk a bulk update quadratically.
extension LedgerTable {
  /// All statements that make the table, its outbox and its capture; each may run again.
  func definition(for tier: Tier) -> [String] {
    [tableSQL(for: tier), outboxSQL] + homeIndexes(for: tier) + captureFunctions + triggers
  }

  /// A node that others hang below finds the records of some homes by these when a policy changes what the others may see.
  private func homeIndexes(for tier: Tier) -> [String] {
    if tier == .village || tier == .department { return [] }
    return homes.map { columns[$0].name }.map {
      "CREATE INDEX IF NOT EXISTS \(name)_\($0)_near ON \(table) (\($0) COLLATE \"C\")"
    }
  }

  /// In a village nearly every row is an application's, and the daemon writes its version into it a moment later: with room for
  /// that in the same page no index is touched, and the table ends no larger. Elsewhere rows arrive with their version.
  private func tableSQL(for tier: Tier) -> String {
    let fields = columns.map { "\($0.name) \($0.type.sqlType)" }.joined(separator: ", ")
    return """
      CREATE TABLE IF NOT EXISTS \(table) (\(keyName) \(keyType.rawValue) PRIMARY KEY, \(fields), _v bytea)
      WITH (fillfactor = \(tier == .village ? 45 : 85))
      """
  }

  private var outboxSQL: String {
    """
    CREATE TABLE IF NOT EXISTS \(outbox) (
      id bigint NOT NULL DEFAULT nextval('huijia.outbox_id'),
      xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
      at timestamptz NOT NULL DEFAULT now(), key \(keyType.rawValue), op "char" NOT NULL,
      changed bigint NOT NULL, old_v bytea, old_homes text[], actor text NOT NULL, seen bytea,
      keys \(keyType.rawValue)[], bits bigint[], n integer NOT NULL DEFAULT 1)
      WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);
    CREATE INDEX IF NOT EXISTS outbox_\(name)_order ON \(outbox) (xid, id);
    CREATE INDEX IF NOT EXISTS outbox_\(name)_key ON \(outbox) (key)
    """
  }

  /// From how many new rows on a statement writes bundles, and how many rows a bundle is of: an array that needs no storage of its own.
  private static let bundledFrom = 32
  private static let bundleRows = 128

  /// One bit a field that is set where the row has a value.
  private var presentBits: String {
    columns.map { "CASE WHEN n.\($0.name) IS NULL THEN 0 ELSE \($0.bit) END" }
      .joined(separator: " | ")
  }

  /// One bit a field whose bytes differ.
  private var differentBits: String {
    columns.map { "CASE WHEN \($0.differs) THEN \($0.bit) ELSE 0 END" }
      .joined(separator: " | ")
  }

  /// The bit of the field that the setting `huijia.confirm` names, as `LEDGER.FIELD`: an UPDATE writes it also where it changes nothing.
  private var confirmed: String {
    let fields = [("alive", "1::bigint")] + columns.map { ($0.name, $0.bit) }
    return "CASE current_setting('huijia.confirm', true) "
      + fields.map { "WHEN '\(name).\($0.0)' THEN \($0.1)" }.joined(separator: " ")
      + " ELSE 0 END"
  }

  private func homeArray(_ alias: String) -> String {
    "ARRAY[" + homes.map { "\(alias).\(columns[$0].name)" }.joined(separator: ", ") + "]::text[]"
  }

  /// The homes that decide who may write, as one text: far cheaper to group and join by than an array.
  private func judged(_ alias: String, _ homes: [Int]) -> String {
    homes.map { "coalesce(\(alias).\(columns[$0].name), '')" }.joined(separator: " || ',' || ")
  }

  /// The name of the first field whose new value breaks its rule, or NULL. On update only fields that changed are judged.
  private func invalid(onlyChanged: Bool) -> String {
    let home = columns[homes[0]]
    let changed = { (column: LedgerColumn) in onlyChanged ? "\(column.differs) AND " : "" }
    var cases = ["WHEN \(changed(home))n.\(home.name) IS NULL THEN '\(home.name)'"]
    for column in columns {
      guard let check = column.check else { continue }
      cases.append(
        "WHEN n.\(column.name) IS NOT NULL AND \(changed(column))NOT (\(check)) THEN '\(column.name)'"
      )
    }
    return "CASE " + cases.joined(separator: "\n") + " END"
  }

  private var captureFunctions: [String] {
    return [
      captureFunction(
        "insert",
        source: """
          SELECT n.\(keyName) AS k, 'I'::"char" AS op, (\(presentBits))::bigint AS changed,
            NULL::bytea AS old_v, NULL::text[] AS old_homes, \(judged("n", [homes[0]])) AS judged,
            NULL::text AS token, \(invalid(onlyChanged: false)) AS invalid FROM fresh n OFFSET 0
          """, judged: "SELECT \(judged("n", [homes[0]])) AS judged FROM fresh n",
        needed: "(w.changed | \(CaptureRights.create))",
        bundled: """
          (SELECT count(*) FROM (SELECT FROM fresh LIMIT \(Self.bundledFrom)) f) = \(Self.bundledFrom)
          """),
      captureFunction(
        "update",
        source: """
          SELECT * FROM (SELECT n.\(keyName) AS k, 'U'::"char" AS op,
            (\(differentBits) | _confirmed)::bigint AS changed, o._v AS old_v,
            \(homeArray("o")) AS old_homes, \(judged("o", homes)) AS judged, _token AS token,
            \(invalid(onlyChanged: true)) AS invalid
            FROM fresh n JOIN stale o ON n.\(keyName) = o.\(keyName) OFFSET 0) u WHERE u.changed <> 0
          """, judged: "SELECT \(judged("o", homes)) AS judged FROM stale o"),
      captureFunction(
        "delete",
        source: """
          SELECT o.\(keyName) AS k, 'D'::"char" AS op, 1::bigint AS changed, o._v AS old_v,
            \(homeArray("o")) AS old_homes, \(judged("o", homes)) AS judged, _token AS token,
            NULL::text AS invalid FROM stale o
          """, judged: "SELECT \(judged("o", homes)) AS judged FROM stale o",
        needed: "\(CaptureRights.delete)::bigint", written: "-1"),
      """
      CREATE OR REPLACE FUNCTION huijia.refuse_operation_\(name)() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'HJ003: % is not supported on ledger \(name)',
          CASE TG_OP WHEN 'TRUNCATE' THEN 'TRUNCATE' ELSE 'changing the key' END
          USING ERRCODE = 'HJ003', HINT = CASE TG_OP WHEN 'TRUNCATE' THEN 'use DELETE'
          ELSE 'delete the record and insert it under the new key' END;
      END $$
      """,
    ]
  }

  /// One pass: rows go into the outbox, and the first that may not is noted where it stands and raised afterwards.
  ///
  /// `bundled`: a condition under which many rows share one of the outbox, with arrays of their keys and changed fields; nil: never.
  private func captureFunction(
    _ verb: String, source: String, judged: String, needed: String = "w.changed",
    written: String = "w.changed", bundled: String? = nil
  ) -> String {
    let changed = """
      CASE
        WHEN w.invalid IS NOT NULL THEN huijia.refuse_invalid('\(name)', w.k::text, w.invalid)
        WHEN w.allowed = 0 THEN huijia.refuse_denied(\(id.number)::smallint, '\(name)', w.k::text, 0)
        WHEN \(needed) & ~w.allowed <> 0 THEN huijia.refuse_denied(
          \(id.number)::smallint, '\(name)', w.k::text, \(needed) & ~w.allowed)
        ELSE w.changed END
      """
    // A map from homes to what they allow, made once a statement: a join would be free to hash the rows, and to turn their order.
    let rows = """
      FROM (SELECT w.*, ((
          SELECT jsonb_object_agg(h.judged, (SELECT coalesce(bit_or(s.maintain), 0)
            FROM huijia.local_scope s WHERE s.ledger = \(id.number) AND (
              SELECT bool_or(CASE WHEN c ~ '^[0-9]{12}$' THEN (s.unit = 0 OR c::bigint / s.unit = s.prefix)
                AND s.columns & (1 << (place - 1)::int) <> 0 END)
              FROM unnest(string_to_array(h.judged, ',')) WITH ORDINALITY x(c, place))))
          FROM (SELECT DISTINCT j.judged FROM (\(judged)) j) h) ->> w.judged)::bigint AS allowed
        FROM (\(source)) w OFFSET 0) w
      """
    let single = """
      INSERT INTO \(outbox) (key, op, changed, old_v, old_homes, actor, seen)
      SELECT w.k, w.op, \(changed), w.old_v, w.old_homes, who, CASE WHEN w.token IS NOT NULL
          THEN huijia.version_seen(
            '\(name)', w.k::text, w.token, w.old_v, \(written)) END
      \(rows);
      """
    let bundles = """
      INSERT INTO \(outbox) (op, changed, actor, keys, bits, n)
      SELECT 'I'::"char", bit_or(r.changed), who, array_agg(r.k), array_agg(r.changed), count(*)
      FROM (SELECT w.k, \(changed) AS changed, (row_number() OVER () - 1) / \(Self.bundleRows) AS bundle
        \(rows)) r GROUP BY r.bundle ORDER BY r.bundle;
      """
    let insert = bundled.map { "IF \($0) THEN\n\(bundles)\nELSE\n\(single)\nEND IF;" } ?? single
    return """
      CREATE OR REPLACE FUNCTION huijia.capture_\(verb)_\(name)() RETURNS trigger
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
      SET enable_nestloop = off AS $$
      DECLARE
        who text := left(coalesce(nullif(current_setting('huijia.actor', true), ''), session_user), 80);
        _token text := nullif(current_setting('huijia.seen', true), '');
        _confirmed bigint := \(confirmed);
        written bigint; refusal jsonb;
      BEGIN
        \(insert)
        GET DIAGNOSTICS written = ROW_COUNT;
        refusal := nullif(current_setting('huijia.refusal', true), '')::jsonb;
        IF refusal IS NOT NULL THEN
          RAISE EXCEPTION '%', refusal->>'message' USING ERRCODE = refusal->>'code',
            HINT = refusal->>'hint', TABLE = refusal->>'ledger', COLUMN = refusal->>'field';
        END IF;
        IF written > 0 THEN NOTIFY huijia_outbox; END IF;
        RETURN NULL;
      END $$
      """
  }

  /// How many triggers a ledger's table has.
  var triggerCount: Int { triggers.count }

  private var triggers: [String] {
    let each = [
      ("insert", "INSERT", "REFERENCING NEW TABLE AS fresh"),
      ("update", "UPDATE", "REFERENCING OLD TABLE AS stale NEW TABLE AS fresh"),
      ("delete", "DELETE", "REFERENCING OLD TABLE AS stale"),
    ].map { verb, event, tables in
      """
      CREATE OR REPLACE TRIGGER huijia_\(verb) AFTER \(event) ON \(table) \(tables)
      FOR EACH STATEMENT EXECUTE FUNCTION huijia.capture_\(verb)_\(name)()
      """
    }
    return each + [
      """
      CREATE OR REPLACE TRIGGER huijia_key BEFORE UPDATE ON \(table) FOR EACH ROW
      WHEN (OLD.\(keyName) IS DISTINCT FROM NEW.\(keyName)) EXECUTE FUNCTION huijia.refuse_operation_\(name)()
      """,
      """
      CREATE OR REPLACE TRIGGER huijia_truncate BEFORE TRUNCATE ON \(table)
      FOR EACH STATEMENT EXECUTE FUNCTION huijia.refuse_operation_\(name)()
      """,
    ]
  }
}

extension LedgerColumn {
  /// The field's bit in a set, as an SQL literal.
  var bit: String { "\(Int64(1) << Int64(field.number))::bigint" }

  /// Whether the bytes of rows `n` and `o` differ: `IS DISTINCT FROM` fails on json, and takes 1.0 and 1.00 as equal, also within jsonb.
  var differs: String {
    type.isCast
      ? "record_image_ne(ROW(n.\(name)), ROW(o.\(name)))" : "n.\(name) IS DISTINCT FROM o.\(name)"
  }
}
