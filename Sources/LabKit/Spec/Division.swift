package import ReplicationCore

/// A division as a division file names it.
package struct Division: Sendable, Hashable {
  package let code: DivisionCode
  package let name: String
  /// The line of the file, from 1.
  package let line: Int
}

/// Which part of a division file a tree is made of: a division, what lies below it, and so many of each.
package struct DivisionChoice: Sendable, Hashable {
  package let file: String
  package let under: DivisionCode
  /// How many counties, of each how many towns, of each how many villages: the first by code.
  package let counties: Int
  package let towns: Int
  package let villages: Int

  package static let defaultCounties = 2
  package static let defaultTowns = 3
  package static let defaultVillages = 3

  /// Makes a choice; nil for a number means the default.
  package init(
    file: String, under: DivisionCode, counties: Int? = nil, towns: Int? = nil,
    villages: Int? = nil
  ) {
    self.file = file
    self.under = under
    self.counties = counties ?? Self.defaultCounties
    self.towns = towns ?? Self.defaultTowns
    self.villages = villages ?? Self.defaultVillages
  }

  /// Reads a code of 2, 4, 6, 9 or 12 digits; the rest is filled with zeros. Nil for anything else.
  package static func code(_ text: String) -> DivisionCode? {
    guard [2, 4, 6, 9, 12].contains(text.utf8.count) else { return nil }
    return DivisionCode(text + String(repeating: "0", count: 12 - text.utf8.count))
  }

  /// Reads the file twice, never holding more than the counties and towns below `under` and the villages chosen.
  ///
  /// Returns the divisions of the tree, `under` first when the file names it. Throws `ConfigError` with lines, `file-unreadable`.
  package func divisions() throws -> [Division] {
    let file = DivisionFile(file)
    var above: [DivisionCode: Division] = [:]
    try file.read { code, name, line in
      guard code.level < .village || code == under, under.contains(code) else { return }
      try file.keep(Division(code: code, name: name(), line: line), in: &above)
    }
    let counties =
      under.level < .county
      ? first(counties, of: above.keys.filter { $0.level == .county }) : []
    let parents = Set(counties).union([under])
    var towns: [DivisionCode] = under.level == .town ? [under] : []
    for parent in parents where parent.level <= .county {
      let own = above.keys.filter {
        $0.level == .town && $0.truncated(to: .county) == parent
      }
      towns += first(self.towns, of: own)
    }
    let villages = try villages(below: Set(towns), file)
    let chosen = Set(counties).union(towns).union([under])
    let found = chosen.compactMap { above[$0] } + villages
    if found.isEmpty { try file.nothing(under) }
    return found.sorted { $0.code < $1.code }
  }

  private func villages(
    below towns: Set<DivisionCode>, _ file: DivisionFile
  ) throws -> [Division] {
    var villages: [DivisionCode: [DivisionCode: Division]] = [:]
    try file.read { code, name, line in
      let town = code.truncated(to: .town)
      guard code.level == .village, towns.contains(town) else { return }
      var own = villages[town] ?? [:]
      try file.keep(Division(code: code, name: name(), line: line), in: &own)
      if own.count > self.villages, let last = own.keys.max() { own[last] = nil }
      villages[town] = own
    }
    return villages.values.flatMap(\.values)
  }

  private func first(_ count: Int, of codes: [DivisionCode]) -> [DivisionCode] {
    Array(codes.sorted().prefix(count))
  }
}
