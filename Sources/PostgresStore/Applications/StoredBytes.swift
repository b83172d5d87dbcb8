/// PL/pgSQL that reads the store's own bytes: the version column, record bodies, encoded batches (`docs/FEED_FORMAT.md`).
///
/// For a function that has no daemon to ask. Steps are pasted in rather than called: a call costs more than what it would do.
/// They work on `b` (the bytes), `at` (where to read), and use `c` and `s`.
enum StoredBytes {
  static let declarations = "at int := 0; c int; s int; n bigint; m bigint; k bigint;"

  /// Reads an unsigned number into a `bigint`.
  static func varint(_ name: String) -> String {
    """
    \(name) := 0; s := 0;
    LOOP
      c := get_byte(b, at); at := at + 1; \(name) := \(name) | ((c & 127)::bigint << s);
      EXIT WHEN c < 128; s := s + 7;
    END LOOP;
    """
  }

  /// Reads a signed number into a `bigint`.
  static func zigzag(_ name: String) -> String {
    "\(varint(name)) \(name) := ((\(name) >> 1) & \(Int64.max)) # -(\(name) & 1);"
  }

  /// Reads a number of `count` bytes, most significant first, into a `bigint`.
  static func fixed(_ name: String, _ count: Int) -> String {
    """
    \(name) := 0;
    FOR i IN 1..\(count) LOOP \(name) := \(name) << 8 | get_byte(b, at); at := at + 1; END LOOP;
    """
  }

  /// Reads a text.
  static func text(_ name: String) -> String {
    "\(varint("m")) \(name) := convert_from(substr(b, at + 1, m::int), 'UTF8'); at := at + m::int;"
  }

  /// Passes over bytes after their count.
  static let skipText = "\(varint("m")) at := at + m::int;"

  /// Reads a dot into `code`, `slug`, `incarnation`, `lane`, `index` of a record.
  static func dot(_ name: String) -> String {
    """
    \(fixed("\(name).code", 5)) \(text("\(name).slug")) \(varint("\(name).incarnation"))
    \(name).lane := get_byte(b, at); at := at + 1; \(varint("\(name).index"))
    """
  }

  /// Passes over a dot.
  static let skipDot = "at := at + 5; \(skipText) \(varint("m")) at := at + 1; \(varint("m"))"

  /// Passes over a version vector.
  static let skipVector = "\(varint("k")) FOR i IN 1..k LOOP \(skipDot) END LOOP;"

  /// Passes over a value, a masked one too.
  static let skipValue = """
    c := get_byte(b, at); at := at + 1;
    IF c = 3 THEN
      c := get_byte(b, at); at := at + 1;
      IF c = 2 THEN \(varint("m")) END IF;
      c := get_byte(b, at); at := at + 1;
    END IF;
    CASE
      WHEN c IN (0, 16, 17) THEN NULL;
      WHEN c IN (19, 20, 24, 25) THEN \(skipText)
      WHEN c IN (18, 21, 22) THEN \(varint("m"))
      WHEN c = 23 THEN at := at + 16;
      WHEN c = 26 THEN \(varint("n"))
        FOR j IN 1..n LOOP at := at + 1; \(skipVector) END LOOP;
      ELSE \(varint("n"))
        FOR j IN 1..n LOOP at := at + 1; \(skipDot) \(varint("m")) \(skipText) END LOOP;
    END CASE;
    """

  /// Passes over a masking node's word: the masked value, for whom a pseudonym is, who masked, its key, its signature.
  static let skipMaskProof = """
    k := get_byte(b, at + 1); \(skipValue)
    IF k = 4 THEN at := at + 5; \(skipText) END IF;
    at := at + 5; \(skipText) at := at + 32; \(skipText)
    """

  /// Passes over the side that a sibling came from; its highest bit marks a revival.
  static let skipSide = """
    c := get_byte(b, at) & 127; at := at + 1;
    IF c = 1 THEN at := at + 5; \(skipText) ELSIF c = 2 THEN \(varint("m")) END IF;
    """
}
