import ReplicationCore

extension ScopeParser {
  /// Verbs, masks and what takes them off; notes where they contradict each other.
  mutating func rights(_ map: DocumentMap, of ledger: Ledger, by: FieldSet?) -> ScopeRights {
    var rights = ScopeRights()
    rights.maintain = map["maintain"].map { fields($0, of: ledger) } ?? []
    rights.read = (map["read"].map { fields($0, of: ledger) } ?? []).union(rights.maintain)
    rights.verify = map["verify"].map { fields($0, of: ledger) } ?? []
    rights.resolve = map["resolve"].map { fields($0, of: ledger) } ?? []
    rights.creates = map.flag("create", log: &log)
    rights.deletes = map.flag("delete", log: &log)
    if !rights.read.isEmpty || rights.deletes {
      rights.read.formUnion(FieldSet.existence.union(ledger.homeSet))
    }
    if rights.creates { judgeCreation(map, rights, of: ledger, by: by) }
    rights.masks = masks(map, rights, of: ledger)
    rights.unmask = unmasked(map, rights, of: ledger)
    return rights
  }

  private mutating func judgeCreation(
    _ map: DocumentMap, _ rights: ScopeRights, of ledger: Ledger, by: FieldSet?
  ) {
    guard let home = ledger.homes.first else { return }
    let name = ledger.name(of: home)
    if !rights.maintain.contains(home) {
      log.note(
        "a rule that creates records of \(ledger.name) must maintain their \(name)",
        at: map.place(of: "create"), hint: "add \(name) to \"maintain\"")
    }
    if let by, !by.contains(home) {
      log.note(
        "a rule that creates records of \(ledger.name) must hold by \(name)",
        at: map.place(of: "by"), hint: "add \(name) to \"by\", or make it a rule of its own")
    }
  }

  /// `mask: {FIELD or GROUP: partial | year | pseudonym | suppress | {range: N}}`.
  private mutating func masks(
    _ map: DocumentMap, _ rights: ScopeRights, of ledger: Ledger
  ) -> FieldMasks {
    var masks = FieldMasks()
    for entry in map["mask"]?.entries("\"mask\"", log: &log) ?? [] {
      guard let mask = mask(entry.value) else { continue }
      for id in fields(.scalar(entry.key, entry.place), of: ledger).members {
        guard let field = ledger.field(id) else { continue }
        if ledger.homeSet.contains(id) {
          log.note(
            "the home column \"\(field.name)\" cannot be masked: records are routed by it",
            at: entry.place)
        } else if !mask.fits(field.type) {
          log.note(
            "\"\(field.name)\" is of type \(field.type.name) and cannot be masked by \(mask.words)",
            at: entry.value.place, hint: "for this type: \(Mask.fitting(field.type))")
        } else if !rights.read.contains(id) {
          log.note(
            "\"\(field.name)\" is masked and not read by this rule", at: entry.place,
            hint: "add it to \"read\", or take the mask out")
        } else if rights.maintain.contains(id) {
          log.note(
            "\"\(field.name)\" is maintained and masked by one rule", at: entry.place,
            hint: "who maintains a field must see it as it is")
        } else if let other = masks[id], other != mask {
          log.note(
            "\"\(field.name)\" is masked by \(other.words) and by \(mask.words) in one rule",
            at: entry.place, hint: "name it once")
        }
        masks[id] = mask
      }
    }
    return masks
  }

  private mutating func mask(_ tree: DocumentTree) -> Mask? {
    if case .map = tree {
      guard let map = DocumentMap(tree, "a mask", known: ["range"], log: &log),
        map["range"] != nil
          || {
            log.note("a mask needs \"range\"", at: tree.place); return false
          }(),
        let step = map.number("range", in: 1...UInt64(Int64.max), log: &log)
      else { return nil }
      return .range(step: Int64(step))
    }
    guard let word = tree.text("a mask", log: &log) else { return nil }
    switch word {
    case "partial": return .partial
    case "year": return .year
    case "pseudonym": return .pseudonym
    case "suppress": return .suppressed
    case "range":
      log.note("\"range\" needs a step", at: tree.place, hint: "as in {range: 10}")
    default: log.noteUnknown("mask", word, at: tree.place, known: Mask.words)
    }
    return nil
  }

  /// `unmask:` fields that this rule reads and does not mask.
  private mutating func unmasked(
    _ map: DocumentMap, _ rights: ScopeRights, of ledger: Ledger
  ) -> FieldSet {
    guard let tree = map["unmask"] else { return [] }
    let set = fields(tree, of: ledger)
    for field in set.intersection(rights.masks.fields).members {
      log.note(
        "\"\(ledger.name(of: field))\" is masked and unmasked by one rule",
        at: map.place(of: "unmask"), hint: "keep one of the two")
    }
    for field in set.subtracting(rights.read).members {
      log.note(
        "\"\(ledger.name(of: field))\" is unmasked and not read by this rule",
        at: map.place(of: "unmask"), hint: "add it to \"read\"")
    }
    return set
  }
}

extension Mask {
  /// The words of all masks that can be put on a type.
  static func fitting(_ type: FieldType) -> String {
    let all: [(Mask, String)] = [
      (.partial, "partial"), (.year, "year"), (.pseudonym, "pseudonym"), (.suppressed, "suppress"),
      (.range(step: 1), "{range: N}"),
    ]
    return all.filter { $0.0.fits(type) }.map(\.1).joined(separator: ", ")
  }
}
