/// For which records two policies give a node another view of a ledger: other fields, other masks.
package enum ViewDifference: Hashable, Sendable {
  /// For none.
  case none
  /// For none but those one of whose homes is among these codes, ascending.
  case homes([ClosedRange<DivisionCode>])
  /// It may be for any.
  case all
}

extension ViewPolicy {
  /// Which records this policy may show to a node otherwise than `old` does. It may name too many, never too few.
  ///
  /// `isUp`: the node is the parent of the one that asks, to which homes do not count.
  package func difference(
    from old: any ViewPolicy, for node: NodeID, in ledger: LedgerID, isUp: Bool
  ) -> ViewDifference {
    guard old.routingFields(of: ledger) == routingFields(of: ledger) else { return .all }
    if isUp {
      let isSame =
        old.fields(of: node, in: ledger) == fields(of: node, in: ledger)
        && old.masks(of: node, in: ledger) == masks(of: node, in: ledger)
      return isSame ? .none : .all
    }
    guard let known = old.viewBounds(of: node, in: ledger),
      let bounds = viewBounds(of: node, in: ledger)
    else { return .all }
    let columns = UInt8(clamping: routingFields(of: ledger).count)
    var ranges: [ClosedRange<DivisionCode>] = []
    let starts = Set(known + bounds + [DivisionCode.first]).sorted()
    for (at, start) in starts.enumerated() {
      let next = at + 1 < starts.count ? starts[at + 1] : nil
      let end = next.map(\.before) ?? DivisionCode.last
      let isSame = (0..<columns).allSatisfy { column in
        givesSame(as: old, to: node, in: ledger, for: Home(start, column: column))
      }
      if isSame { continue }
      if let last = ranges.last, last.upperBound == start.before {
        ranges[ranges.count - 1] = last.lowerBound...end
      } else {
        ranges.append(start...end)
      }
    }
    if ranges.isEmpty { return .none }
    return ranges == [DivisionCode.first...DivisionCode.last] ? .all : .homes(ranges)
  }
}

extension DivisionCode {
  fileprivate static let first = DivisionCode(canonical: 0)
  fileprivate static let last = DivisionCode(canonical: 999_999_999_999)

  /// The code before this one, which is not the first.
  fileprivate var before: DivisionCode { DivisionCode(number: number - 1) ?? self }
}
