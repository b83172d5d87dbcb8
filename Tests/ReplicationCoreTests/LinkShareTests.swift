import ReplicationCore
import Testing

@Suite struct LinkShareTests {
  private static let ungated = FieldSet.existence.union([FieldID(2)])
  private static let all = FieldSet(bits: 63)

  /// Some values in some fields.
  private static func values(in fields: FieldSet, _ draw: inout Draw) -> [DotFields] {
    var result: [DotFields] = []
    for field in fields.members {
      for replica in draw.replicas where draw.number(3) == 0 {
        result.append(DotFields(Dot(replica, draw.number(2) + 1), [field]))
      }
    }
    return result.folded()
  }

  private static func fields(_ draw: inout Draw) -> FieldSet {
    FieldSet(bits: draw.number(64)).union(ungated)
  }

  /// The dots of a field.
  private static func dots(_ share: [DotFields], of field: FieldID) -> [Dot] {
    share.filter { $0.fields.contains(field) }.map(\.dot)
  }

  @Test("ends whose digests cover the same values differ in no field")
  func equalDigests() {
    var draw = Draw(seed: 7)
    var equal = 0
    for _ in 0..<3000 {
      let held = Self.fields(&draw)
      let parent = LinkShare(
        fields: Self.fields(&draw), certain: Self.values(in: held, &draw))
      // The child speaks for some of the fields, and guesses the others, often rightly.
      let certain = Self.fields(&draw)
      let isWrong = draw.number(3) == 0
      let guessed = isWrong ? Self.values(in: [FieldID(5)], &draw) : parent.certain
      let child = LinkShare(
        fields: certain, certain: parent.certain.restricted(to: certain),
        likely: guessed.restricted(to: Self.all.subtracting(certain)))
      guard child.digested == parent.digested else { continue }
      equal += 1
      let lost = LinkShare.differences(parent: parent, child: child, gate: Self.ungated)
      #expect(lost.isEmpty)
    }
    #expect(equal > 1000)
  }

  @Test("the fields that differ are those that hold other dots")
  func differences() {
    var draw = Draw(seed: 8)
    for _ in 0..<3000 {
      let parent = LinkShare(
        fields: Self.fields(&draw), certain: Self.values(in: Self.all, &draw))
      let child = LinkShare(
        fields: Self.fields(&draw), certain: Self.values(in: Self.all, &draw))
      let other = FieldSet(
        Self.all.members.filter {
          Self.dots(parent.certain, of: $0) != Self.dots(child.certain, of: $0)
        })
      #expect(LinkShare.differences(parent: parent, child: child, gate: nil) == other)
      let judged = Self.ungated.union(parent.fields.intersection(child.fields))
      #expect(
        LinkShare.differences(parent: parent, child: child, gate: Self.ungated)
          == other.intersection(judged))
    }
  }
}

extension [DotFields] {
  /// The values of some fields.
  fileprivate func restricted(to fields: FieldSet) -> [DotFields] {
    compactMap { entry in
      let part = entry.fields.intersection(fields)
      return part.isEmpty ? nil : DotFields(entry.dot, part)
    }
  }
}
