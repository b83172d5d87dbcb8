import Governance
import ReplicationCore
import SeededRandom

/// Values that several ledgers share.
enum SyntheticValues {
  static let null = "\\N"

  /// A text as COPY's text format has it.
  static func escaped(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 == 0x5C || $0 < 0x20 }) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// A time-ordered UUID: milliseconds since 2024-01-01 plus `order`, then random bits. Source: RFC 9562, version 7.
  static func uuid(order: UInt64, using numbers: inout SplitMix64) -> String {
    let time: UInt64 = 1_704_067_200_000 + order
    let high = time << 16 | 0x7000 | numbers.next() >> 52
    let low = 0x8000_0000_0000_0000 | numbers.next() >> 2
    let digits = hex(high) + hex(low)
    var result: [UInt8] = []
    result.reserveCapacity(36)
    for (i, digit) in digits.enumerated() {
      if i == 8 || i == 12 || i == 16 || i == 20 { result.append(0x2D) }
      result.append(digit)
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static let digits = Array("0123456789abcdef".utf8)

  private static func hex(_ number: UInt64) -> [UInt8] {
    (0..<16).map { digits[Int(number >> (60 - 4 * UInt64($0)) & 15)] }
  }

  private static let surnames = Array(
    """
    黄李韦覃陆农梁陈莫卢王张刘蒙罗杨周吴林唐谢邓蓝潘谭何玉甘石岑
    """)
  private static let given = Array(
    """
    伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂红玲宁海山春燕梅华建国志文德光荣兴旺贵凤莲彩月香玉珍雪琴云飞翔宇轩子涵梓萱浩然一诺思远佳怡
    """)
  /// Characters that a computer with only the basic plane, or without the private use area, loses: people bear them.
  private static let rare: [Character] = [
    "\u{20BB7}", "\u{2CB4E}", "\u{2B5AF}", "\u{4DAE}", "\u{E863}", "\u{E81A}", "\u{F0123}",
  ]

  /// A person's name; one in two hundred has a rare character.
  static func name(using numbers: inout SplitMix64) -> String {
    var name = String(numbers.pick(surnames))
    if numbers.isOne(in: 200) {
      name.append(numbers.pick(rare))
      return name
    }
    name.append(numbers.pick(given))
    if !numbers.isOne(in: 5) { name.append(numbers.pick(given)) }
    return name
  }

  /// A mobile number of the block 1900000xxxx.
  static func phone(using numbers: inout SplitMix64) -> String {
    "1900000" + Digits.padded(numbers.below(10_000), 4)
  }

  /// A day of birth: fewer old people than young.
  static func birth(using numbers: inout SplitMix64) -> CalendarDay {
    let age = min(numbers.below(100), numbers.below(110))
    let lastDay = 19_722
    return CalendarDay(sinceEpoch: Int32(lastDay - age * 365 - numbers.below(365)))
  }

  /// The first six digits of a home; those of Qingxiu where the home's are no region's.
  static func area(of home: DivisionCode) -> UInt32 {
    let area = home.number / 1_000_000
    return RegionCodes.isRegion(area / 10_000) ? UInt32(area) : 450_103
  }

  /// An identity number, by whose sequence men and women are told apart.
  static func identity(
    home: DivisionCode, using numbers: inout SplitMix64
  ) -> IdentityNumber? {
    IdentityNumber(
      area: area(of: home), birth: birth(using: &numbers), sequence: UInt16(numbers.below(1000)))
  }

  private static let roads = ["民族", "长湖", "建政", "古城", "园湖", "新竹", "桃源", "思贤", "教育", "中山"]

  /// A road and a number.
  static func address(using numbers: inout SplitMix64) -> String {
    let road = numbers.pick(roads)
    let number = numbers.below(300) + 1
    let room = (numbers.below(18) + 1) * 100 + numbers.below(8) + 1
    return "\(road)路\(number)号\(numbers.below(12) + 1)栋\(room)室"
  }
}
