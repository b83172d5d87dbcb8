extension Migrations {
  /// The names of the ledgers and of their key columns, for views and functions that have no catalog to ask.
  static let ledgers = """
    CREATE TABLE huijia.ledger (
      id smallint PRIMARY KEY, name text NOT NULL UNIQUE, key text NOT NULL);
    """
}
