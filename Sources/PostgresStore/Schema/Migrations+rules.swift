extension Migrations {
  /// The policy's rules, a row for each subject of each, so that `huijia.trace` can name the one that somebody wrote under.
  static let rules = """
    ALTER TABLE huijia.ledger ADD homes bigint NOT NULL DEFAULT 0;
    CREATE TABLE huijia.rule (
      ledger smallint NOT NULL, place bigint NOT NULL, label text NOT NULL, tier text,
      department text, unit bigint NOT NULL, prefix bigint NOT NULL, read bigint NOT NULL,
      maintain bigint NOT NULL);
    CREATE INDEX rule_ledger ON huijia.rule (ledger);
    """
}
