/// A closed list of codes with their meanings.
package struct CodeList: Sendable, Hashable {
  /// One code.
  package struct Item: Sendable, Hashable {
    package let code: String
    /// What it means, in Chinese.
    package let title: String
    package init(_ code: String, _ title: String) {
      self.code = code
      self.title = title
    }
  }

  package let name: String
  /// The standard it is taken from; nil for a list of the catalog's own.
  package let source: String?
  /// In the order of the source.
  package let items: [Item]
  private let codes: Set<String>

  package init(name: String, source: String?, items: [Item]) {
    self.name = name
    self.source = source
    self.items = items
    codes = Set(items.map(\.code))
  }

  /// Whether a code is on the list.
  package func contains(_ code: String) -> Bool { codes.contains(code) }

  /// The meaning of a code; nil when it is not on the list.
  package func title(of code: String) -> String? { items.first { $0.code == code }?.title }

  package static func == (a: Self, b: Self) -> Bool {
    a.name == b.name && a.source == b.source && a.items == b.items
  }
  package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension CodeList {
  /// The lists that every catalog can name.
  package static let national: [CodeList] = [sex, ethnicity, maritalStatus, education]

  /// Sex (性别). Source: GB/T 2261.1-2003.
  package static let sex = CodeList(
    name: "sex", source: "GB/T 2261.1-2003",
    items: [
      Item("0", "未知的性别"), Item("1", "男性"), Item("2", "女性"), Item("9", "未说明的性别"),
    ])

  /// Ethnicity (民族): 01 … 56; 97 others, 98 naturalised foreigners. Source: GB/T 3304-1991, and 97, 98 as household registration uses them (GA 324.1).
  package static let ethnicity = CodeList(
    name: "ethnicity", source: "GB/T 3304-1991",
    items: zip(1..., ethnicities).map { Item(Digits.padded($0, 2), $1) }
      + [Item("97", "其他"), Item("98", "外国血统中国籍人士")])

  /// Marital status (婚姻状况). Source: GB/T 2261.2-2003.
  package static let maritalStatus = CodeList(
    name: "marital_status", source: "GB/T 2261.2-2003",
    items: [
      Item("10", "未婚"), Item("20", "已婚"), Item("21", "初婚"), Item("22", "再婚"), Item("23", "复婚"),
      Item("30", "丧偶"), Item("40", "离婚"), Item("90", "未说明的婚姻状况"),
    ])

  /// Education (学历), by its first digits. Source: GB/T 4658-2006.
  package static let education = CodeList(
    name: "education", source: "GB/T 4658-2006",
    items: [
      Item("10", "研究生教育"), Item("20", "大学本科教育"), Item("30", "大学专科教育"), Item("40", "中等职业教育"),
      Item("60", "普通高级中学教育"), Item("70", "初级中学教育"), Item("80", "小学教育"), Item("90", "其他"),
    ])

  private static let ethnicities = [
    "汉族", "蒙古族", "回族", "藏族", "维吾尔族", "苗族", "彝族", "壮族", "布依族", "朝鲜族", "满族", "侗族", "瑶族", "白族",
    "土家族", "哈尼族", "哈萨克族", "傣族", "黎族", "傈僳族", "佤族", "畲族", "高山族", "拉祜族", "水族", "东乡族", "纳西族",
    "景颇族", "柯尔克孜族", "土族", "达斡尔族", "仫佬族", "羌族", "布朗族", "撒拉族", "毛南族", "仡佬族", "锡伯族", "阿昌族",
    "普米族", "塔吉克族", "怒族", "乌孜别克族", "俄罗斯族", "鄂温克族", "德昂族", "保安族", "裕固族", "京族", "塔塔尔族", "独龙族",
    "鄂伦春族", "赫哲族", "门巴族", "珞巴族", "基诺族",
  ]
}
