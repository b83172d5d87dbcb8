extension Migrations {
  /// From which position on no entry changes how earlier ones go out; of those that are there already nothing is known.
  static let settled = """
    ALTER TABLE huijia.lane ADD COLUMN settled_from bigint NOT NULL DEFAULT 1;
    UPDATE huijia.lane SET settled_from = next_position;
    """
}
