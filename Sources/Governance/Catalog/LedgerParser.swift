import ReplicationCore

/// Reads a ledger's YAML.
enum LedgerParser {
  private static let keys = ["ledger", "id", "title", "lane", "key", "homes", "codes", "fields"]
  /// The most fields that a ledger may have.
  static let maximumFields = 60

  /// Reads one file; notes every problem. Nil when there is none to return.
  static func parse(_ text: String, log: inout ProblemLog) -> Ledger? {
    guard let tree = DocumentTree.read(text, log: &log),
      let map = DocumentMap(tree, "a ledger file", known: keys, log: &log)
    else { return nil }
    let before = log.list.count
    let name = identifier(map, "ledger", log: &log)
    if map["id"] == nil { log.note("\"id\" is missing", at: map.place) }
    let number = map.number("id", in: 1...UInt64(UInt16.max), log: &log)
    let title = title(map, log: &log)
    let lane = lane(map, log: &log)
    let key = key(map, log: &log)
    let lists = codeLists(map["codes"], log: &log)
    let fields = fields(map, key: key, lists: lists, log: &log)
    let homes = homes(map, fields: fields, log: &log)
    guard log.list.count == before, let name, let number, let key else { return nil }
    return Ledger(
      id: LedgerID(UInt16(number)), name: name, title: title, lane: lane, key: key, homes: homes,
      fields: fields.map(\.field).sorted { $0.id < $1.id })
  }

  /// The name under a key, which must be there and be an identifier.
  static func identifier(_ map: DocumentMap, _ key: String, log: inout ProblemLog) -> String? {
    guard let name = map.required(key, log: &log) else { return nil }
    if let problem = Identifier.problem(name) { log.note(problem, at: map.place(of: key)) }
    return name
  }

  /// `title: {zh: …, en: …}`, both needed.
  static func title(_ map: DocumentMap, log: inout ProblemLog) -> Title {
    guard let tree = map["title"] else {
      log.note("\"title\" is missing", at: map.place, hint: "title: {zh: 人口, en: Resident}")
      return Title(chinese: "", english: "")
    }
    guard let titles = DocumentMap(tree, "\"title\"", known: ["zh", "en"], log: &log) else {
      return Title(chinese: "", english: "")
    }
    let chinese = titles.required("zh", log: &log) ?? ""
    let english = titles.required("en", log: &log) ?? ""
    return Title(chinese: chinese, english: english)
  }

  private static func lane(_ map: DocumentMap, log: inout ProblemLog) -> Lane {
    guard let name = map.required("lane", log: &log) else { return .bulk }
    if let lane = Lane.allCases.first(where: { $0.name == name }) { return lane }
    log.noteUnknown("lane", name, at: map.place(of: "lane"), known: Lane.allCases.map(\.name))
    return .bulk
  }

  private static func key(_ map: DocumentMap, log: inout ProblemLog) -> LedgerKey? {
    guard let tree = map["key"] else {
      log.note("\"key\" is missing", at: map.place, hint: "key: {name: person_id, type: uuid}")
      return nil
    }
    let known = ["name", "type", "sensitive"]
    guard let key = DocumentMap(tree, "\"key\"", known: known, log: &log) else { return nil }
    if key.flag("sensitive", log: &log) {
      log.note(
        "a key must not be sensitive: it is in every view, digest and log",
        at: key.place(of: "sensitive"), hint: "use a time-ordered uuid")
    }
    let name = identifier(key, "name", log: &log)
    guard let typeName = key.required("type", log: &log) else { return nil }
    guard let type = KeyType(rawValue: typeName) else {
      let place = key.place(of: "type")
      if let field = FieldType(name: typeName), field.isIdentifying {
        log.note(
          "\"\(typeName)\" must not be a key: a key is in every view, digest and log", at: place,
          hint: "use a time-ordered uuid")
      } else if ["serial", "bigserial", "identity"].contains(typeName) {
        log.note(
          "a key that one database counts up is given out twice by two", at: place,
          hint: "use a time-ordered uuid")
      } else {
        let known = KeyType.allCases.map(\.rawValue)
        log.noteUnknown("key type", typeName, at: place, known: known)
      }
      return nil
    }
    return name.map { LedgerKey(name: $0, type: type) }
  }

  private static func homes(
    _ map: DocumentMap, fields: [PlacedField], log: inout ProblemLog
  ) -> [FieldID] {
    guard let tree = map["homes"], !tree.items.isEmpty else {
      log.note("\"homes\" is missing", at: map.place(of: "homes"), hint: "homes: [home]")
      return []
    }
    var homes: [FieldID] = []
    for (i, item) in tree.items.enumerated() {
      guard let name = item.text("a home", log: &log) else { continue }
      if i == 0, name != "home" {
        log.note("the first of \"homes\" must be \"home\"", at: item.place)
      }
      guard let field = fields.first(where: { $0.field.name == name })?.field else {
        log.noteUnknown("field", name, at: item.place, known: fields.map(\.field.name))
        continue
      }
      if field.type != .division {
        log.note("the home column \"\(name)\" must be of type division", at: item.place)
      }
      if homes.contains(field.id) { log.note("\"\(name)\" is there twice", at: item.place) }
      homes.append(field.id)
    }
    return homes
  }
}
