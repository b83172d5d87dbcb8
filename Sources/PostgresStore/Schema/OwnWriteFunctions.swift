/// Reads in SQL, out of a version column, how far this node's own writes of some fields had come.
enum OwnWriteFunctions {
  private typealias Bytes = StoredBytes

  /// Judges only writes that name a version token. Bytes that no daemon made have no own write.
  static let index = """
    CREATE OR REPLACE FUNCTION huijia.own_index(b bytea, wanted bigint) RETURNS bigint
    LANGUAGE plpgsql IMMUTABLE AS $$
    DECLARE \(Bytes.declarations) groups bigint; own bigint; fields bigint; side int;
      best bigint := 0;
    BEGIN
      IF b IS NULL OR length(b) < 3 OR get_byte(b, 0) <> 2 THEN RETURN 0; END IF;
      at := 1;
      \(Bytes.varint("n")) \(Bytes.varint("groups"))
      FOR g IN 1..groups LOOP
        at := at + 5; \(Bytes.skipText) \(Bytes.varint("m")) at := at + 1; \(Bytes.varint("own"))
        \(Bytes.varint("m")) at := at + 1; side := get_byte(b, at) & 127;
        \(Bytes.skipSide) \(Bytes.skipVector) \(Bytes.varint("fields"))
        IF side = 0 AND fields & wanted <> 0 THEN best := greatest(best, own); END IF;
      END LOOP;
      RETURN best;
    EXCEPTION WHEN array_subscript_error OR numeric_value_out_of_range THEN RETURN 0;
    END $$
    """
}
