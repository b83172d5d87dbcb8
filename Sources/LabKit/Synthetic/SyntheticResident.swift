import Governance
import ReplicationCore
import SeededRandom

/// Makes records of ledger `resident`.
enum SyntheticResident {
  static let columns = [
    "person_id", "home", "residence", "name", "sex", "birth_date", "id_number", "address", "phone",
    "ethnicity", "status", "marital_status", "education", "remark",
  ]

  static func values(
    key: String, home: DivisionCode, residence: DivisionCode, using numbers: inout SplitMix64
  ) -> [String] {
    let name = SyntheticValues.name(using: &numbers)
    let identity = SyntheticValues.identity(home: home, using: &numbers)
    let birth = identity?.birth.description ?? SyntheticValues.null
    let address = SyntheticValues.address(using: &numbers)
    let phone =
      numbers.isOne(in: 6) ? SyntheticValues.null : SyntheticValues.phone(using: &numbers)
    let isAdult = identity.map { $0.birth.year < 2004 } ?? true
    let married = numbers.pick(["10", "20", "20", "20", "30", "40"])
    return [
      key, home.description, residence.description, name,
      identity?.isMale ?? true ? "1" : "2", birth, identity?.text ?? SyntheticValues.null, address,
      phone, ethnicity(using: &numbers), numbers.isOne(in: 12) ? "2" : "1",
      isAdult ? married : "10", isAdult ? numbers.pick(education) : "80", SyntheticValues.null,
    ]
  }

  private static let education = ["10", "20", "30", "40", "60", "70", "70", "80"]

  /// As in Guangxi: three fifths Han, a third Zhuang, then Yao, Miao, Dong, Mulao and any other.
  private static func ethnicity(using numbers: inout SplitMix64) -> String {
    switch numbers.below(100) {
    case 0..<62: "01"
    case 62..<93: "08"
    case 93..<96: "13"
    case 96..<98: "06"
    case 98: "12"
    default: Digits.padded(numbers.below(56) + 1, 2)
    }
  }
}
