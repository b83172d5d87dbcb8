import Governance
import ReplicationCore
import SeededRandom

/// Makes records of ledger `disability`.
enum SyntheticDisability {
  static let columns = [
    "record_id", "home", "residence", "name", "sex", "birth_date", "ethnicity", "id_number",
    "certificate_number", "category", "grade", "impairment", "cause", "assessed_on", "hospital",
    "issued_on", "valid_until", "issuer", "certificate_status", "household_kind", "address",
    "phone", "marital_status", "education", "employment", "guardian_name", "guardian_relation",
    "guardian_phone", "allowance",
  ]

  static func values(
    key: String, home: DivisionCode, residence: DivisionCode, using numbers: inout SplitMix64
  ) -> [String] {
    let null = SyntheticValues.null
    let name = SyntheticValues.name(using: &numbers)
    let identity = SyntheticValues.identity(home: home, using: &numbers)
    // As in the census of 2006: limbs first, then hearing, several, sight, mind.
    let category = numbers.pick(["4", "4", "4", "2", "2", "7", "1", "1", "6", "5", "3"])
    let grade = numbers.pick(["1", "2", "2", "3", "3", "4", "4", "4"])
    let certificate = identity.map { $0.text + category + grade } ?? null
    let assessed = CalendarDay(sinceEpoch: Int32(16_000 + numbers.below(3_700)))
    let issued = CalendarDay(sinceEpoch: assessed.sinceEpoch + 20)
    let expires = CalendarDay(sinceEpoch: issued.sinceEpoch + 3_652)
    let needsGuardian = category == "5" || category == "6" || numbers.isOne(in: 6)
    let isSevere = grade == "1" || grade == "2"
    return [
      key, home.description, residence.description, name, identity?.isMale ?? true ? "1" : "2",
      identity?.birth.description ?? null, numbers.isOne(in: 3) ? "08" : "01",
      identity?.text ?? null, certificate, category, grade, numbers.pick(details),
      numbers.pick(["1", "2", "2", "3", "4", "5", "6", "9"]), assessed.description,
      numbers.pick(hospitals), issued.description, expires.description, "县(区)残疾人联合会",
      numbers.isOne(in: 20) ? "2" : "1", numbers.pick(["1", "1", "2"]),
      SyntheticValues.address(using: &numbers), SyntheticValues.phone(using: &numbers),
      numbers.pick(["10", "20", "20", "30", "40"]), numbers.pick(["60", "70", "80", "90"]),
      numbers.pick(["1", "3", "4", "4", "5", "9"]),
      needsGuardian ? SyntheticValues.name(using: &numbers) : null,
      needsGuardian ? numbers.pick(["1", "2", "2", "3", "4"]) : null,
      needsGuardian ? SyntheticValues.phone(using: &numbers) : null,
      isSevere ? numbers.pick(["2", "3"]) : numbers.pick(["0", "1"]),
    ]
  }

  private static let details = ["单侧肢体功能障碍", "双眼低视力", "中度听力损失", "需轮椅出行", "生活部分自理"]
  private static let hospitals = ["县人民医院", "市第二人民医院", "区中医医院", "自治区人民医院"]
}
