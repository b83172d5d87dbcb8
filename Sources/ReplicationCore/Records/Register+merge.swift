extension Register {
  /// Takes a signed write; false, and nothing changes, when the context covers its dot already.
  ///
  /// What the write's author had seen goes; what it had not seen stays beside it.
  ///
  /// - Parameter reopens: the write may take the place of a masked value of its own dot.
  package mutating func apply(_ sibling: Sibling, reopens: Bool = true) -> Bool {
    if siblings.isEmpty {
      siblings = [sibling]
      return true
    }
    if covers(sibling.dot) { return reopens && reopen(sibling) }
    if siblings.count == 1, sibling.base.covers(siblings[0].dot) {
      siblings[0] = sibling
      return true
    }
    siblings.removeAll { sibling.base.covers($0.dot) }
    insert(sibling)
    return true
  }

  /// Joins another node's register of the same field into this one; returns whether anything changed.
  ///
  /// A register that is not held takes the incoming one whole: never seen, or a withdrawal cleared values and context.
  ///
  /// - Parameter reopens: the incoming values may take the place of masked ones of the same dots.
  package mutating func merge(_ incoming: Register, reopens: Bool = true) -> Bool {
    if siblings.isEmpty {
      siblings = incoming.siblings
      return !siblings.isEmpty
    }
    let isReopened = reopens && incoming.siblings.reduce(false) { reopen($1) || $0 }
    let kept = siblings.filter { incoming.has($0.dot) || !incoming.covers($0.dot) }
    let added = incoming.siblings.filter { !has($0.dot) && !covers($0.dot) }
    if kept.count == siblings.count, added.isEmpty { return isReopened }
    siblings = kept
    for sibling in added { insert(sibling) }
    return true
  }

  /// Takes a value of a dot that is held masked in place of the masked one. What is held as its author wrote it stays: only a
  /// withdrawal takes that.
  private mutating func reopen(_ incoming: Sibling) -> Bool {
    guard let at = siblings.firstIndex(where: { $0.dot == incoming.dot }),
      siblings[at].value.isMasked, siblings[at].value != incoming.value
    else { return false }
    var taken = incoming
    taken.side = siblings[at].side
    siblings[at] = taken
    return true
  }

  /// The same values, each as another register holds it where that one does.
  func inForms(of other: Register) -> Register {
    Register(siblings.map { held in other.siblings.first { $0.dot == held.dot } ?? held })
  }

  /// Whether a value of this register is held as its author wrote it.
  package var isOpen: Bool { siblings.contains { !$0.value.isMasked } }

  /// Whether a value of this dot is among the siblings.
  package func has(_ dot: Dot) -> Bool {
    for sibling in siblings where sibling.dot == dot { return true }
    return false
  }

  /// Whether two registers hold the same values: a value is a function of its dot.
  package func hasSameDots(as other: Register) -> Bool {
    siblings.count == other.siblings.count
      && zip(siblings, other.siblings).allSatisfy { $0.dot == $1.dot }
  }

  /// The dots of the siblings, ascending.
  package var dots: [Dot] { siblings.map(\.dot) }

  private mutating func insert(_ sibling: Sibling) {
    let at = siblings.firstIndex { sibling.dot < $0.dot } ?? siblings.endIndex
    siblings.insert(sibling, at: at)
  }
}
