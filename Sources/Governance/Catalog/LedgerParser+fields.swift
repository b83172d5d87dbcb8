import ReplicationCore

/// A field with the place where it was declared.
struct PlacedField {
  var field: LedgerField
  let place: Place
  /// What `contains:` says; nil when it is absent.
  let contained: DocumentTree?
}

extension LedgerParser {
  private static let fieldKeys = [
    "name", "id", "title", "type", "codes", "sensitive", "authorities", "contains",
  ]
  /// What PostgreSQL has and a ledger must not, with the reason.
  private static let refusedTypes = [
    "float": "two machines may print and add it differently: use decimal",
    "real": "two machines may print and add it differently: use decimal",
    "double": "two machines may print and add it differently: use decimal",
    "money": "its meaning hangs on the server's language: use decimal",
    "xml": "it has no canonical form: use json or text",
    "oid": "large objects are not carried",
    "bytea": "files are not carried",
    "serial": "a number that one database counts up is given out twice by two: use uuid",
  ]
  /// What other schemas write beside a column and a ledger must not, with the reason.
  private static let refusedKeys = [
    "required": "a field that a view hides is null there: nothing but home can be required",
    "not_null": "a field that a view hides is null there: nothing but home can be required",
    "unique": "two nodes can each write the value while apart: a database cannot refuse that",
    "references": "references between ledgers must tolerate absence: they are not enforced",
    "default": "a default would be written by every node that hides the field",
  ]

  static func fields(
    _ map: DocumentMap, key: LedgerKey?, lists: [String: CodeList], log: inout ProblemLog
  ) -> [PlacedField] {
    guard let tree = map["fields"], !tree.items.isEmpty else {
      log.note("\"fields\" is missing", at: map.place(of: "fields"))
      return []
    }
    if tree.items.count > maximumFields {
      log.note("a ledger has at most \(maximumFields) fields", at: tree.place)
      return []
    }
    var fields: [PlacedField] = []
    for item in tree.items {
      guard let parsed = field(item, lists: lists, log: &log) else { continue }
      let field = parsed.field
      if field.name == key?.name {
        log.note("\"\(field.name)\" is the key and must not be a field", at: parsed.place)
      }
      for other in fields {
        if other.field.name == field.name {
          let line = other.place.line
          log.note("the field \"\(field.name)\" is there already, line \(line)", at: parsed.place)
        }
        if other.field.id == field.id {
          log.note(
            "id \(field.id.number) is that of \"\(other.field.name)\" already", at: parsed.place)
        }
      }
      fields.append(parsed)
    }
    contents(of: &fields, log: &log)
    return fields
  }

  private static func field(
    _ tree: DocumentTree, lists: [String: CodeList], log: inout ProblemLog
  ) -> PlacedField? {
    if case .map(let entries, _) = tree {
      for entry in entries {
        guard let reason = refusedKeys[entry.key] else { continue }
        log.note("\"\(entry.key)\" is not possible", at: entry.place, hint: reason)
      }
    }
    let known = fieldKeys + refusedKeys.keys
    guard let map = DocumentMap(tree, "a field", known: known, log: &log) else { return nil }
    let name = identifier(map, "name", log: &log)
    if map["id"] == nil { log.note("\"id\" is missing", at: map.place) }
    let range = UInt64(FieldID.firstDeclared)...UInt64(FieldSet.limit - 1)
    let number = map.number("id", in: range, log: &log)
    let title = title(map, log: &log)
    let type = type(map, lists: lists, log: &log)
    let isSensitive = map.flag("sensitive", log: &log)
    if let type, type.isIdentifying, !isSensitive {
      log.note(
        "a field of type \(type.name) must be sensitive", at: map.place(of: "type"),
        hint: "add \"sensitive: true\"")
    }
    let authorities = (map["authorities"]?.items ?? []).compactMap {
      ScopeSubject.parse($0, log: &log)
    }
    guard let name, let number else { return nil }
    // A field of a wrong type is still there for others to name; the ledger is refused anyway.
    let field = LedgerField(
      id: FieldID(UInt8(number)), name: name, title: title, type: type ?? .division,
      isSensitive: isSensitive, authorities: authorities)
    return PlacedField(field: field, place: map.place, contained: map["contains"])
  }

  private static func type(
    _ map: DocumentMap, lists: [String: CodeList], log: inout ProblemLog
  ) -> FieldType? {
    guard let name = map.required("type", log: &log) else { return nil }
    let place = map.place(of: "type")
    if name != "code" {
      if map["codes"] != nil {
        log.note("\"codes\" belongs to type code only", at: map.place(of: "codes"))
      }
      if let type = FieldType(name: name) { return type }
      if let reason = refusedTypes[name] {
        log.note("a ledger has no type \"\(name)\"", at: place, hint: reason)
      } else {
        log.noteUnknown("type", name, at: place, known: FieldType.names)
      }
      return nil
    }
    guard let listName = map.required("codes", log: &log) else { return nil }
    if let list = lists[listName] { return .code(list) }
    log.noteUnknown("code list", listName, at: map.place(of: "codes"), known: lists.keys)
    return nil
  }

  /// The national lists and the file's own: `codes: {NAME: {CODE: MEANING}}`.
  static func codeLists(_ tree: DocumentTree?, log: inout ProblemLog) -> [String: CodeList] {
    var lists: [String: CodeList] = [:]
    for list in CodeList.national { lists[list.name] = list }
    guard let tree, let entries = tree.entries("\"codes\"", log: &log) else { return lists }
    for entry in entries {
      if let problem = Identifier.problem(entry.key) { log.note(problem, at: entry.place) }
      if lists[entry.key] != nil {
        log.note("\"\(entry.key)\" is the name of a national list", at: entry.place)
        continue
      }
      guard let codes = entry.value.entries("a code list", log: &log) else { continue }
      if codes.isEmpty { log.note("the code list is empty", at: entry.place) }
      var items: [CodeList.Item] = []
      for code in codes {
        guard let title = code.value.text("a code's meaning", log: &log) else { continue }
        items.append(CodeList.Item(code.key, title))
      }
      lists[entry.key] = CodeList(name: entry.key, source: nil, items: items)
    }
    return lists
  }
}
