extension Migrations {
  /// What came home: one row for each change that touched a record. No value is in it; times are microseconds since 1970.
  static let arrivals = """
    CREATE TABLE huijia.arrival (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at bigint NOT NULL,
      ledger smallint NOT NULL, key text COLLATE "C" NOT NULL, fields bigint NOT NULL,
      kind smallint NOT NULL, node text NOT NULL, author text, peer text NOT NULL,
      written bigint NOT NULL);
    CREATE INDEX arrival_record ON huijia.arrival (ledger, key);
    """
}
