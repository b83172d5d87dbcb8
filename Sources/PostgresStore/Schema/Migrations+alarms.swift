extension Migrations {
  /// What operators must hear of, until it is old. Times are microseconds since 1970.
  static let alarms = """
    CREATE TABLE huijia.alarm (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code text NOT NULL, peer text NOT NULL,
      detail text NOT NULL, at bigint NOT NULL);
    CREATE UNIQUE INDEX alarm_same ON huijia.alarm (code, peer, md5(detail));
    """
}
