extension Message {
  /// Division files, from which the lab makes trees of any size.
  static let divisionMessages: [Message] = [
    labDivisionHeader, labDivisionColumns, labDivisionCode, labDivisionName, labDivisionTwice,
    labDivisionLong, labDivisionNothing, labDivisionUnder, labSpecRegion, labNoScopes,
  ]

  package static let labDivisionHeader = Message(
    "lab-division-header", zh: "第一行必须写明列名,其中有 code12(或 code)和 name,以制表符或逗号分隔",
    en:
      "the first line must name the columns, among them code12 (or code) and name, separated by tabs or commas"
  )
  package static let labDivisionColumns = Message(
    "lab-division-columns", zh: "这一行只有 {count} 列", en: "this line has {count} column(s) only")
  package static let labDivisionCode = Message(
    "lab-division-code", zh: "{value} 不是 12 位区划代码", en: "{value} is no 12-digit division code")
  package static let labDivisionName = Message(
    "lab-division-name", zh: "{code} 没有名称,或名称不是 UTF-8",
    en: "{code} has no name, or one that is not UTF-8")
  package static let labDivisionTwice = Message(
    "lab-division-twice", zh: "{code} 在第 {line} 行已经出现", en: "{code} is also in line {line}")
  package static let labDivisionLong = Message(
    "lab-division-long", zh: "这一行超过 {limit} 字节", en: "this line is longer than {limit} bytes")
  package static let labDivisionNothing = Message(
    "lab-division-nothing", zh: "文件中没有 {code} 及其下级", en: "the file has nothing at or below {code}")
  package static let labDivisionUnder = Message(
    "lab-division-under", zh: "{value} 不是 2、4、6、9 或 12 位的区划代码",
    en: "{value} is no division code of 2, 4, 6, 9 or 12 digits")
  package static let labSpecRegion = Message(
    "lab-spec-region", zh: "权限文件是 {scopes} 的,而树的省级节点是 {region}",
    en: "the scopes are those of region {scopes}, and the tree's region is {region}")
  package static let labNoScopes = Message(
    "lab-no-scopes", zh: "没有省级 {region} 的样例规格,不知道用哪些台账和权限",
    en: "no sample spec is for region {region}: there are no ledgers and scopes to use",
    hintZh: "用 --spec 指定一个写有 ledgers 和 scopes 的规格",
    hintEn: "name a spec with ledgers and scopes in --spec")
}
