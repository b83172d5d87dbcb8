import ReplicationCore

extension PolicyCheck {
  /// Nodes that stand for all that a policy can tell apart.
  static func sample(_ document: ScopeDocument) -> [NodeID] {
    var codes: Set<DivisionCode> = [document.region]
    var slugs: Set<String> = []
    for rule in document.rules {
      for subject in rule.subjects {
        if let within = subject.within { codes.insert(within) }
        if let slug = subject.department { slugs.insert(slug) }
      }
      if case .codes(let homes) = rule.homes { codes.formUnion(homes) }
    }
    codes = codes.filter { document.region.contains($0) }
    for code in codes {
      for level in document.tiers where level < code.level {
        codes.insert(code.truncated(to: level))
      }
    }
    let named = codes
    for code in named { codes.formUnion(fresh(below: code, tiers: document.tiers, named: named)) }
    let subjects = document.rules.lazy.flatMap(\.subjects)
    if subjects.contains(where: { $0.department == nil && ($0.tier ?? .department) == .department })
    {
      // Rules about any department need one of which no rule says the name.
      slugs.insert((1...).lazy.map { "d\($0)" }.first { !slugs.contains($0) } ?? "d")
    }
    let levels = Set(document.tiers)
    let ordered = codes.filter { levels.contains($0.level) }.sorted()
    return ordered.flatMap { code in
      ([""] + slugs.sorted()).compactMap { NodeID(code: code, slug: $0) }
    }
  }

  /// One chain of divisions down to the last tier that the policy does not name, and beside each link of it a second.
  private static func fresh(
    below code: DivisionCode, tiers: [DivisionLevel], named: Set<DivisionCode>
  ) -> Set<DivisionCode> {
    var result: Set<DivisionCode> = []
    var top = code
    while true {
      guard let level = tiers.first(where: { $0 > top.level }) else { return result }
      let children = unnamedChildren(of: top, at: level, named: named)
      guard let first = children.first else { return result }
      result.insert(first)
      for second in children.dropFirst() {
        var side = second
        result.insert(side)
        while let next = tiers.first(where: { $0 > side.level }),
          let child = unnamedChildren(of: side, at: next, named: named).first
        {
          result.insert(child)
          side = child
        }
      }
      top = first
    }
  }

  /// Two children that the policy does not name: fewer when it names nearly all.
  private static func unnamedChildren(
    of code: DivisionCode, at level: DivisionLevel, named: Set<DivisionCode>
  ) -> [DivisionCode] {
    let step = level.unit
    let room = code.level.unit
    var result: [DivisionCode] = []
    var number = code.number + room - step
    while number > code.number, result.count < 2 {
      let child = DivisionCode(number: number)
      if let child, !named.contains(where: { child.contains($0) }) { result.append(child) }
      number -= step
    }
    return result
  }
}
