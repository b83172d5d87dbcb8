import Governance
import ReplicationCore
import SeededRandom

/// Makes records of ledger `house`.
enum SyntheticHouse {
  static let columns = [
    "house_id", "home", "address", "usage", "structure", "floors", "area", "built", "owner_name",
    "owner_id_number", "owner_phone", "is_unsafe",
  ]

  static func values(
    key: String, home: DivisionCode, using numbers: inout SplitMix64
  ) -> [String] {
    let identity = SyntheticValues.identity(home: home, using: &numbers)
    let built = CalendarDay(sinceEpoch: Int32(3_650 + numbers.below(16_000)))
    let area = "\(numbers.below(260) + 18).\(numbers.below(10))\(numbers.below(10))"
    return [
      key, home.description, SyntheticValues.address(using: &numbers),
      numbers.pick(["1", "1", "1", "2", "2", "3", "4", "9"]),
      numbers.pick(["2", "2", "3", "3", "4", "5"]), "\(numbers.below(33) + 1)", area,
      built.description, SyntheticValues.name(using: &numbers),
      identity?.text ?? SyntheticValues.null, SyntheticValues.phone(using: &numbers),
      numbers.isOne(in: 80) ? "t" : "f",
    ]
  }
}
