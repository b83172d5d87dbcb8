import Governance
import ReplicationCore
import SeededRandom

/// Makes records of ledger `organization`.
enum SyntheticOrganization {
  static let columns = [
    "organization_id", "home", "name", "credit_code", "kind", "address", "representative", "phone",
    "staff", "founded", "status",
  ]

  /// Registering department and kind (GB 32100, table 2), the ledger's kind, and how such a body's name ends.
  private static let kinds: [(department: String, kind: String, ending: String)] = [
    ("91", "1", "有限公司"), ("91", "1", "商贸有限公司"), ("92", "5", "餐饮店"), ("92", "5", "便利店"),
    ("12", "3", "小学"), ("51", "4", "志愿者协会"), ("93", "6", "农民专业合作社"), ("92", "5", "五金店"),
  ]
  private static let words = ["邕江", "青山", "凤岭", "朱槿", "壮锦", "绿城", "五象", "南湖", "三月三", "木棉"]

  static func values(
    key: String, home: DivisionCode, using numbers: inout SplitMix64
  ) -> [String] {
    let kind = numbers.pick(kinds)
    let body = (0..<8).map { _ in numbers.pick(CreditCode.alphabet) }
    let code = CreditCode(
      department: kind.department, division: SyntheticValues.area(of: home),
      organization: String(decoding: body, as: UTF8.self))
    let founded = CalendarDay(sinceEpoch: Int32(9_000 + numbers.below(10_700)))
    return [
      key, home.description, numbers.pick(words) + numbers.pick(words) + kind.ending,
      code?.text ?? SyntheticValues.null, kind.kind, SyntheticValues.address(using: &numbers),
      SyntheticValues.name(using: &numbers), SyntheticValues.phone(using: &numbers),
      "\(numbers.below(60) + 1)", founded.description,
      numbers.pick(["1", "1", "1", "1", "2", "3"]),
    ]
  }
}
