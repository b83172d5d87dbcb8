import ReplicationCore

/// Reads a policy's YAML against a catalog.
struct ScopeParser {
  private static let keys = [
    "epoch", "region", "tiers", "older_until", "as_of", "groups", "rules", "gates", "authorities",
  ]
  /// The most rules that a policy may have.
  static let maximumRules = 2_000

  let catalog: Catalog
  var log: ProblemLog
  /// Named sets of fields by ledger.
  var groups: [LedgerID: [String: FieldSet]] = [:]

  init(catalog: Catalog, file: String) {
    self.catalog = catalog
    log = ProblemLog(file: file)
  }

  /// Reads a document. Throws every problem at once.
  mutating func parse(_ text: String) throws(Problems) -> ScopeDocument {
    let document = document(text)
    try log.check()
    guard let document else {
      log.note("the policy cannot be read", at: .whole)
      throw Problems(log.list)
    }
    return document
  }

  private mutating func document(_ text: String) -> ScopeDocument? {
    guard let tree = DocumentTree.read(text, log: &log),
      let map = DocumentMap(tree, "a policy", known: Self.keys, log: &log)
    else { return nil }
    if map["epoch"] == nil { log.note("\"epoch\" is missing", at: map.place) }
    let epoch = map.number("epoch", in: 1...UInt64(Int64.max), log: &log)
    if map["region"] == nil { log.note("\"region\" is missing", at: map.place) }
    let region = map["region"].flatMap { DivisionCode.parse($0, log: &log) }
    if let region, region.level != .region {
      log.note("\(region) is not a region's code", at: map.place(of: "region"))
    }
    let tiers = tiers(map["tiers"])
    if let tree = map["groups"] { parseGroups(tree) }
    let rules = rules(map["rules"], place: map.place)
    let gates = gates(map["gates"])
    let orders = authorities(map["authorities"])
    let olderUntil = olderUntil(map)
    let asOf = asOf(map)
    guard log.isEmpty, let epoch, let region else { return nil }
    return ScopeDocument(
      epoch: epoch, region: region, tiers: tiers, rules: rules, authorities: orders,
      gates: gates, olderUntil: olderUntil, asOf: asOf)
  }

  /// Absent: all five. The region is always one, and the order is from the region down.
  private mutating func tiers(_ tree: DocumentTree?) -> [DivisionLevel] {
    guard let tree else { return DivisionLevel.allCases }
    var levels: [DivisionLevel] = []
    let known = Tier.allCases.filter { $0.level != nil }.map(\.rawValue)
    for item in tree.items {
      guard let name = item.text("a tier", log: &log) else { continue }
      guard let level = Tier(rawValue: name)?.level else {
        log.noteUnknown("tier", name, at: item.place, known: known)
        continue
      }
      if let last = levels.last, level <= last {
        log.note("tiers stand in order from the region down", at: item.place)
      }
      levels.append(level)
    }
    if levels.first != .region { log.note("the first tier is the region", at: tree.place) }
    return levels
  }

  /// `groups: {LEDGER: {GROUP: [field, …]}}`.
  private mutating func parseGroups(_ tree: DocumentTree) {
    for entry in tree.entries("\"groups\"", log: &log) ?? [] {
      guard let ledger = ledger(entry.key, at: entry.place) else { continue }
      for group in entry.value.entries("a ledger's groups", log: &log) ?? [] {
        if ledger.field(named: group.key) != nil || group.key == "all" {
          log.note("a group must not have a field's name", at: group.place)
        }
        groups[ledger.id, default: [:]][group.key] = fields(group.value, of: ledger)
      }
    }
  }

  /// The ledger of a name; nil and noted when there is none.
  mutating func ledger(_ name: String, at place: Place) -> Ledger? {
    if let ledger = catalog.ledger(named: name) { return ledger }
    log.noteUnknown("ledger", name, at: place, known: catalog.ledgers.map(\.name))
    return nil
  }

  /// Field names, names of groups (which must stand further up), or `all`.
  mutating func fields(_ tree: DocumentTree, of ledger: Ledger) -> FieldSet {
    var set = FieldSet()
    for item in tree.items {
      guard let name = item.text("a field", log: &log) else { continue }
      if name == "all" {
        set.formUnion(ledger.fieldSet)
      } else if let group = groups[ledger.id]?[name] {
        set.formUnion(group)
      } else if let field = ledger.field(named: name) {
        set.insert(field.id)
      } else if name == ledger.key.name {
        log.note(
          "\"\(name)\" is the key, which is in every view", at: item.place,
          hint: "leave it out")
      } else {
        let known = ledger.fields.map(\.name) + (groups[ledger.id].map { Array($0.keys) } ?? [])
        log.noteUnknown("field or group of \(ledger.name)", name, at: item.place, known: known)
      }
    }
    return set
  }

  /// `authorities: {LEDGER: {FIELD or GROUP: [subject, …]}}`, in place of the catalog's.
  private mutating func authorities(_ tree: DocumentTree?) -> [AuthorityOrder] {
    var orders: [LedgerID: [FieldID: [ScopeSubject]]] = [:]
    for ledger in catalog.ledgers {
      for field in ledger.fields where !field.authorities.isEmpty {
        orders[ledger.id, default: [:]][field.id] = field.authorities
      }
    }
    for entry in tree?.entries("\"authorities\"", log: &log) ?? [] {
      guard let ledger = ledger(entry.key, at: entry.place) else { continue }
      var seen: [FieldID: Int] = [:]
      for order in entry.value.entries("a ledger's authorities", log: &log) ?? [] {
        let names = DocumentTree.scalar(order.key, order.place)
        let subjects = order.value.items.compactMap { ScopeSubject.parse($0, log: &log) }
        if subjects.count > 200 { log.note("more than 200 authorities", at: order.place) }
        for field in fields(names, of: ledger).members {
          if let line = seen.updateValue(order.place.line, forKey: field) {
            let name = ledger.name(of: field)
            log.note("\"\(name)\" has its authorities on line \(line) already", at: order.place)
          }
          orders[ledger.id, default: [:]][field] = subjects
        }
      }
    }
    return orders.flatMap { ledger, fields in
      fields.map { AuthorityOrder(ledger: ledger, field: $0.key, subjects: $0.value) }
    }.sorted { ($0.ledger, $0.field) < ($1.ledger, $1.field) }
  }
}
