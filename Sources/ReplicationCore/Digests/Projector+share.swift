extension Projector {
  /// What this end compares with the peer of a record: the fields that both may hold.
  ///
  /// Downwards the homes count; upwards they do not, and of a record without a home nothing is sent. A record outside the peer's view has an empty share.
  package func share(of outline: RecordOutline, _ ledger: Ledger) -> LinkShare {
    let fields = comparable(outline.homes, ledger)
    if fields.isEmpty { return LinkShare() }
    guard ledger.isGated else {
      return LinkShare(fields: fields, certain: outline.values(in: fields))
    }
    return behindGate(outline, fields, ledger)
  }

  /// The fields that both ends may hold of a record with these homes.
  private func comparable(_ homes: [Home], _ ledger: Ledger) -> FieldSet {
    if homes.isEmpty { return [] }
    let untold = untold(homes, ledger)
    if isUp { return ledger.all.subtracting(untold) }
    return policy.fields(of: peer, in: ledger.id, homes: homes).intersection(ledger.own)
      .subtracting(untold)
  }

  /// Behind a gate a child can speak for what no gate holds back, and for fields whose every sibling is released.
  ///
  /// Of the others the parent most likely holds what was released last, or what it has sent itself.
  private func behindGate(
    _ outline: RecordOutline, _ fields: FieldSet, _ ledger: Ledger
  ) -> LinkShare {
    var certain = fields.intersection(ledger.ungated)
    var asHeld = FieldSet()
    for field in fields.subtracting(ledger.ungated).members {
      let held = outline.held.filter { $0.fields.contains(field) }
      let released = outline.releasedDots(of: field)
      if !released.isEmpty, Set(held.map(\.dot)) == released {
        certain.insert(field)
      } else if held.allSatisfy({ $0.side == .link(peer) }) {
        asHeld.insert(field)
      }
    }
    let guessed = fields.subtracting(certain).subtracting(asHeld)
    var likely = outline.values(in: asHeld)
    for entry in outline.released {
      let part = entry.fields.intersection(guessed)
      if !part.isEmpty { likely.append(DotFields(entry.dot, part)) }
    }
    return LinkShare(
      fields: certain, certain: outline.values(in: certain), likely: likely.folded())
  }
}

extension RecordOutline {
  /// The values held in some fields, ascending by dot.
  fileprivate func values(in fields: FieldSet) -> [DotFields] {
    var result: [DotFields] = []
    result.reserveCapacity(held.count)
    for entry in held {
      let part = entry.fields.intersection(fields)
      if !part.isEmpty { result.append(DotFields(entry.dot, part)) }
    }
    return result.folded()
  }
}
