/// What one end of a link holds of a record in the fields that both ends may hold: what the two compare.
package struct LinkShare: Hashable, Sendable {
  /// The fields that this end can speak for: in all of them the other end must hold the same.
  package var fields: FieldSet
  /// The values in those fields. Ascending by dot, one entry a dot.
  package var certain: [DotFields]
  /// Behind a gate, of the fields that have edits not yet verified: what the parent is likely to hold.
  ///
  /// It keeps the digests of both ends equal in the usual case, and never counts as a difference.
  package var likely: [DotFields]

  package init(fields: FieldSet = [], certain: [DotFields] = [], likely: [DotFields] = []) {
    self.fields = fields
    self.certain = certain
    self.likely = likely
  }

  /// Whether this end holds nothing that the link is about.
  package var isEmpty: Bool { certain.isEmpty && likely.isEmpty }

  /// All values, as a digest covers them. Ascending by dot.
  ///
  /// When both ends' are equal there is no difference: a field that the child can speak for stands here just as it stands in `certain`.
  package var digested: [DotFields] {
    likely.isEmpty ? certain : (certain + likely).folded()
  }

  /// The fields in which the two ends of a link differ.
  ///
  /// - Parameter gate: what no gate holds back, when the link is gated for the ledger; nil when it is not. Behind a gate only what the child can speak for is compared.
  package static func differences(
    parent: LinkShare, child: LinkShare, gate ungated: FieldSet?
  ) -> FieldSet {
    var result = FieldSet()
    var i = 0
    var j = 0
    let (a, b) = (parent.certain, child.certain)
    while i < a.count || j < b.count {
      if j == b.count || (i < a.count && a[i].dot < b[j].dot) {
        result.formUnion(a[i].fields)
        i += 1
      } else if i == a.count || b[j].dot < a[i].dot {
        result.formUnion(b[j].fields)
        j += 1
      } else {
        result.formUnion(a[i].fields.symmetricDifference(b[j].fields))
        i += 1
        j += 1
      }
    }
    guard let ungated else { return result }
    return result.intersection(ungated.union(parent.fields.intersection(child.fields)))
  }
}

extension [DotFields] {
  /// Ascending by dot, with one entry a dot.
  package func folded() -> [DotFields] {
    if count < 2 { return self }
    var result: [DotFields] = []
    result.reserveCapacity(count)
    for entry in sorted(by: { $0.dot < $1.dot }) {
      if result.last?.dot == entry.dot {
        result[result.count - 1].fields.formUnion(entry.fields)
      } else {
        result.append(entry)
      }
    }
    return result
  }
}
