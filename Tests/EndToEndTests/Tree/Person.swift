import LabKit
import ReplicationCore

/// A resident that one test is about.
struct Person: Sendable {
  /// The record's key: another one for every test, so that they do not meet.
  let key: String
  let home: LabPlan.Node

  /// Numbers tell the persons of the suite apart.
  init(_ number: Int, at home: LabPlan.Node) {
    let digits = "\(number)"
    key = "0190a0b0-0000-7000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
    self.home = home
  }

  /// Registers the person with the fields that every tier of the line may read, and some more.
  func insert(phone: String, name: String = "韦美兰") -> String {
    """
    INSERT INTO ledger.resident (person_id, home, residence, name, sex, birth_date, address, phone,
      ethnicity, status) VALUES ('\(key)', '\(home.node.code)', '\(home.node.code)', '\(name)',
      '2', '1962-03-08', '民族大道38号', '\(phone)', '08', '1');
    """
  }

  func update(_ assignments: String) -> String {
    "UPDATE ledger.resident SET \(assignments) WHERE person_id = '\(key)';"
  }

  var delete: String { "DELETE FROM ledger.resident WHERE person_id = '\(key)';" }

  /// Fields of the person as one text; null shows as `-`.
  func select(_ fields: String...) -> String {
    let shown = fields.map { "coalesce(\($0)::text, '-')" }.joined(separator: " || ' ' || ")
    return "SELECT \(shown) FROM ledger.resident WHERE person_id = '\(key)'"
  }

  /// A row when the person is there with such values.
  func exists(_ condition: String = "true") -> String {
    "SELECT FROM ledger.resident WHERE person_id = '\(key)' AND \(condition)"
  }
}
