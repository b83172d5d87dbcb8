import ReplicationCore

/// What one rule gives a node for one division's homes.
struct HomeGrant: Sendable, Hashable {
  let prefix: HomePrefix
  /// The home columns that count; nil: all.
  let by: FieldSet?
  let rights: ScopeRights
  /// The rule's index in the document.
  let rule: Int
}

/// The rights of all rules together by the home that a record has in one column.
///
/// Prefixes lie in one another or apart, so each remembers what those around it give too, and the narrowest that contains a code answers.
struct HomeTable: Sendable {
  struct Entry: Sendable {
    let prefix: HomePrefix
    var rights: ScopeRights
    /// What remains of the masks.
    var shown = FieldMasks()
  }

  /// From the widest prefix to the narrowest.
  let entries: [Entry]
  /// By unit, from the narrowest: which entry stands for a quotient.
  private let levels: [(unit: UInt64, slots: [UInt64: Int])]

  init(_ grants: [HomeGrant]) {
    var own: [HomePrefix: ScopeRights] = [:]
    for grant in grants { own[grant.prefix, default: ScopeRights()].add(grant.rights) }
    let order = own.keys.sorted { ($1.unit, $0.quotient) < ($0.unit, $1.quotient) }
    var entries: [Entry] = []
    var slots: [HomePrefix: Int] = [:]
    for prefix in order {
      // What contains this prefix is wider, so it is there already.
      let around = Self.units.lazy.filter { $0 > prefix.unit }
        .compactMap { slots[prefix.widened(to: $0)] }.first
      var rights = around.map { entries[$0].rights } ?? ScopeRights()
      if let mine = own[prefix] { rights.add(mine) }
      slots[prefix] = entries.count
      entries.append(Entry(prefix: prefix, rights: rights, shown: rights.shownMasks))
    }
    self.entries = entries
    levels = Self.units.compactMap { unit in
      let here = slots.filter { $0.key.unit == unit }
      guard !here.isEmpty else { return nil }
      return (unit, Dictionary(uniqueKeysWithValues: here.map { ($0.key.quotient, $0.value) }))
    }
  }

  /// The units of prefixes, from one code alone to everywhere.
  private static let units: [UInt64] =
    DivisionLevel.allCases.reversed().map(\.unit) + [HomePrefix.everywhere.unit]

  /// Which entry holds for all homes of a prefix; nil when nothing does.
  func slot(around prefix: HomePrefix) -> Int? {
    for level in levels where level.unit >= prefix.unit {
      if let slot = level.slots[prefix.widened(to: level.unit).quotient] { return slot }
    }
    return nil
  }

  /// Which entry holds for a home; nil when nothing does.
  func slot(of home: DivisionCode) -> Int? {
    for level in levels {
      if let slot = level.slots[home.number / level.unit] { return slot }
    }
    return nil
  }
}
