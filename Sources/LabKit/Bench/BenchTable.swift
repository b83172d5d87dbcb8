/// The table that is measured with: ten columns, about 250 bytes a row.
enum BenchTable {
  static let name = "survey"
  /// The home of every record: the chain's village.
  static let home = "500118001001"

  private static let columns =
    "survey_id, home, name, number, address, telephone, born, status, amount, remark"

  /// The same columns without anything of Huijia.
  static func definition(_ table: String) -> String {
    """
    CREATE TABLE IF NOT EXISTS \(table) (survey_id bigint PRIMARY KEY, home text, name text,
      number text, address text, telephone text, born date, status text, amount bigint,
      remark text) WITH (fillfactor = 85)
    """
  }

  /// One statement that inserts `count` rows with keys from `first` on.
  static func insert(into table: String, first: Int, count: Int) -> String {
    """
    INSERT INTO \(table) (\(columns)) SELECT g, '\(home)', '张' || md5(g::text),
      '5001180010' || lpad(g::text, 12, '0'), '重庆市永川区中山路街道玉屏社区居委会' || g || '号',
      '138' || lpad((g % 100000000)::text, 8, '0'), date '1950-01-01' + (g % 20000)::int, 'normal',
      g * 7, repeat(md5(g::text), 2)
    FROM generate_series(\(first)::bigint, \(first + count - 1)::bigint) g
    """
  }

  /// Updates of one field, each a transaction of its own; the session does not wait for the disk.
  static func updates(of table: String, first: Int, count: Int) -> String {
    """
    DO $$ BEGIN FOR g IN \(first)..\(first + count - 1) LOOP
      UPDATE \(table) SET amount = -g WHERE survey_id = g; COMMIT;
    END LOOP; END $$
    """
  }
}
