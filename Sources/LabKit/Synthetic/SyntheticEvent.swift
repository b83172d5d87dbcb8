import Governance
import ReplicationCore
import SeededRandom

/// Makes records of ledger `event`.
enum SyntheticEvent {
  static let columns = [
    "event_id", "home", "title", "kind", "level", "state", "occurred_at", "place", "description",
    "reporter", "reporter_phone", "details",
  ]

  private static let cases: [(kind: String, title: String, description: String)] = [
    ("1", "消防通道堵塞", "楼道内停放电动车，已通知物业清理。"),
    ("1", "燃气气味", "居民报告有燃气气味，已疏散并联系燃气公司。"),
    ("2", "邻里噪音纠纷", "双方同意由网格员上门调解。"),
    ("3", "路灯不亮", "巷口两盏路灯损坏。"),
    ("4", "内涝", "暴雨后低洼处积水约三十厘米。"),
    ("5", "流感聚集", "小学同班多名学生发热。"),
  ]

  static func values(
    key: String, home: DivisionCode, using numbers: inout SplitMix64
  ) -> [String] {
    let event = numbers.pick(cases)
    let day = CalendarDay(sinceEpoch: Int32(19_723 + numbers.below(360)))
    let hour = Digits.padded(numbers.below(24), 2)
    let minute = Digits.padded(numbers.below(60), 2)
    let details = "{\"grid\": \(numbers.below(20) + 1), \"photos\": \(numbers.below(4))}"
    return [
      key, home.description, event.title, event.kind, numbers.pick(["3", "4", "4", "4", "4"]),
      numbers.pick(["1", "1", "2", "3"]), "\(day) \(hour):\(minute):00+08",
      SyntheticValues.address(using: &numbers), SyntheticValues.escaped(event.description),
      SyntheticValues.name(using: &numbers), SyntheticValues.phone(using: &numbers),
      SyntheticValues.escaped(details),
    ]
  }
}
