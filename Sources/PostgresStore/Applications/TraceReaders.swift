/// What `huijia.trace` reads from the store's bytes. Not granted to anybody: `trace` calls them with its owner's rights.
enum TraceReaders {
  private typealias Bytes = StoredBytes

  private static let columns =
    "code bigint, slug text, incarnation bigint, lane int, index bigint, at_time bigint, fields bigint"

  /// The type of a row of the readers: a dot, its time, and the fields whose shown values it wrote.
  static let all: [String] = [stamp, body, change]

  /// From a version column that says everything: one row for each change that wrote what the row shows.
  private static let stamp = """
    CREATE OR REPLACE FUNCTION huijia.trace_stamp(b bytea) RETURNS TABLE (\(columns))
    LANGUAGE plpgsql IMMUTABLE STRICT AS $$
    DECLARE \(Bytes.declarations) groups bigint; d record;
    BEGIN
      SELECT 0::bigint AS code, ''::text AS slug, 0::bigint AS incarnation, 0 AS lane,
        0::bigint AS index INTO d;
      IF get_byte(b, 0) <> 2 THEN RETURN; END IF;
      at := 1;
      \(Bytes.varint("n")) \(Bytes.varint("groups"))
      FOR g IN 1..groups LOOP
        \(Bytes.dot("d")) \(Bytes.zigzag("at_time"))
        at := at + 1;
        \(Bytes.skipSide) \(Bytes.skipVector) \(Bytes.varint("fields"))
        code := d.code; slug := d.slug; incarnation := d.incarnation; lane := d.lane;
        index := d.index;
        RETURN NEXT;
      END LOOP;
    END $$
    """

  /// From a record's body: for each field the one of its values that is shown. Of a home the earliest counts.
  private static let body = """
    CREATE OR REPLACE FUNCTION huijia.trace_body(b bytea, homes bigint) RETURNS TABLE (\(columns))
    LANGUAGE plpgsql IMMUTABLE STRICT AS $$
    DECLARE \(Bytes.declarations) registers bigint; siblings bigint; field bigint; rank int;
      t bigint; d record; best int; best_time bigint;
    BEGIN
      SELECT 0::bigint AS code, ''::text AS slug, 0::bigint AS incarnation, 0 AS lane,
        0::bigint AS index INTO d;
      IF get_byte(b, 0) <> 3 THEN RETURN; END IF;
      at := 2;
      IF get_byte(b, 1) = 1 THEN at := at + 5; \(Bytes.skipText) END IF;
      \(Bytes.varint("n")) \(Bytes.varint("registers"))
      FOR r IN 1..registers LOOP
        field := get_byte(b, at); at := at + 1; fields := 1::bigint << field::int; best := -1;
        \(Bytes.varint("siblings"))
        FOR x IN 1..siblings LOOP
          \(Bytes.dot("d")) \(Bytes.skipValue)
          rank := get_byte(b, at); at := at + 1;
          \(Bytes.zigzag("t")) \(Bytes.skipVector) \(Bytes.skipSide)
          at_time := CASE WHEN homes & fields <> 0 THEN -t ELSE t END;
          IF best < 0 OR (rank, at_time, d.code, d.slug COLLATE "C", d.incarnation, d.lane, d.index)
            > (best, best_time, code, slug COLLATE "C", incarnation, lane, index) THEN
            best := rank; best_time := at_time; code := d.code; slug := d.slug;
            incarnation := d.incarnation; lane := d.lane; index := d.index;
          END IF;
        END LOOP;
        at_time := abs(best_time);
        RETURN NEXT;
      END LOOP;
    END $$
    """

  /// From the author's batch: for whom a change was made, and which of its fields are still proved. No row: no proof is kept.
  private static let change = """
    CREATE OR REPLACE FUNCTION huijia.trace_change(
      code bigint, slug text, incarnation bigint, lane int, index bigint,
      OUT actor text, OUT fields bigint)
    LANGUAGE plpgsql STABLE AS $$
    DECLARE \(Bytes.declarations) b bytea; form int; this bigint; actor_at int; actor_size bigint;
      leaves bigint; slot int;
    BEGIN
      -- Flat: a stored value would be fetched anew for every byte.
      SELECT x.body || ''::bytea INTO b FROM huijia.batch x WHERE x.code = $1 AND x.slug = $2
        AND x.incarnation = $3 AND x.lane = $4 AND x.first <= $5 AND x.last >= $5
        ORDER BY x.first DESC LIMIT 1;
      IF b IS NULL THEN RETURN; END IF;
      \(Bytes.skipText) \(Bytes.skipText)
      WHILE at < length(b) LOOP
        c := get_byte(b, at); at := at + 1;
        IF c = 0 THEN at := at + 32; END IF;
        CONTINUE WHEN c <> 1;
        form := get_byte(b, at); at := at + 1;
        \(Bytes.varint("this")) \(Bytes.varint("m")) \(Bytes.skipText)
        at := at + 8;
        \(Bytes.varint("actor_size"))
        actor_at := at; at := at + actor_size::int; c := get_byte(b, at); at := at + 1;
        IF c = 1 THEN \(Bytes.varint("n")) FOR j IN 1..n LOOP \(Bytes.skipDot) END LOOP; END IF;
        \(Bytes.varint("n")) FOR j IN 1..n LOOP \(Bytes.skipVector) END LOOP;
        IF form = 0 THEN at := at + 16; END IF;
        fields := 0;
        \(Bytes.varint("leaves"))
        FOR f IN 1..leaves LOOP
          IF form = 1 THEN
            slot := get_byte(b, at); at := at + CASE WHEN slot IN (2, 5) THEN 33 ELSE 17 END;
            CONTINUE WHEN slot = 2;
          ELSE
            slot := 4;
          END IF;
          fields := fields | (1::bigint << get_byte(b, at)); at := at + 3;
          IF slot <> 5 THEN \(Bytes.skipValue) END IF;
          IF slot <> 4 THEN \(Bytes.skipMaskProof) END IF;
        END LOOP;
        IF this = $5 THEN
          actor := convert_from(substr(b, actor_at + 1, actor_size::int), 'UTF8');
          RETURN;
        END IF;
      END LOOP;
      fields := NULL;
    END $$
    """
}
