/// Names of ledgers and columns.
enum Identifier {
  /// What is wrong with a name; nil when it is `[a-z][a-z0-9_]{0,47}` and no reserved word of PostgreSQL.
  static func problem(_ name: String) -> String? {
    let bytes = Array(name.utf8)
    guard let first = bytes.first, (0x61...0x7A).contains(first), bytes.count <= 48,
      bytes.allSatisfy({
        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F
      })
    else {
      return "a name is a small letter, then at most 47 small letters, digits or underscores"
    }
    if reserved.contains(name) { return "\"\(name)\" is a reserved word of PostgreSQL" }
    if own.contains(name) { return "\"\(name)\" is used by every ledger itself" }
    return nil
  }

  /// The columns and fields that every ledger has.
  static let own: Set<String> = ["_v", "alive", "verified"]

  /// Reserved words, also those that may be a type's or function's name, and the system columns.
  ///
  /// Source: PostgreSQL 15 documentation, appendix C.
  static let reserved: Set<String> = Set(
    """
    all analyse analyze and any array as asc asymmetric authorization binary both case cast check
    collate collation column concurrently constraint create cross current_catalog current_date
    current_role current_schema current_time current_timestamp current_user default deferrable desc
    distinct do else end except false fetch for foreign freeze from full grant group having ilike in
    initially inner intersect into is isnull join lateral leading left like limit localtime
    localtimestamp natural not notnull null offset on only or order outer overlaps placing primary
    references returning right select session_user similar some symmetric system_user table
    tablesample then to trailing true union unique user using variadic verbose when where window
    with ctid oid tableoid xmin xmax cmin cmax
    """.split(whereSeparator: \.isWhitespace).map(String.init))
}
