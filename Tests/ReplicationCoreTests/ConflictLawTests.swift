import ReplicationCore
import Testing

/// What counts as a conflict follows from the siblings alone.
@Suite struct ConflictLawTests {
  private let field = FieldID(4)
  private let home = FieldID(2)

  private func record(_ registers: [FieldID: Register]) -> Record {
    var record = Record()
    for (field, register) in registers { record[field] = register }
    return record
  }

  private func sibling(
    _ replica: Replica, _ index: UInt64, _ value: Value, rank: UInt8 = 0, time: Int64 = 0,
    isRevival: Bool = false
  ) -> Sibling {
    Sibling(
      dot: Dot(replica, index), value: value, rank: rank, time: time, base: VersionVector(),
      side: .own, isRevival: isRevival)
  }

  @Test("the kind is what the definition says, whatever the way the siblings came")
  func kindIsPure() throws {
    var draw = Draw(seed: 21)
    var kinds: [Conflict.Kind?: Int] = [:]
    for _ in 0..<4000 {
      var siblings: [Sibling] = []
      for replica in draw.replicas where draw.number(3) > 0 {
        siblings.append(
          sibling(
            replica, 1, .integer(Int64(draw.number(2))), rank: UInt8(draw.number(2)),
            time: Int64(draw.number(3))))
      }
      guard !siblings.isEmpty else { continue }
      let isRouting = draw.number(2) == 0
      let register = Register(siblings)
      let found = register.conflict(of: field, isRouting: isRouting)
      // The definition, spelled out.
      let top = siblings.map(\.rank).max()
      let best = Set(siblings.filter { $0.rank == top }.map(\.value))
      let expected: Conflict.Kind? =
        Set(siblings.map(\.value)).count < 2 ? nil : best.count > 1 ? .pending : .byRule
      #expect(found?.kind == expected)
      kinds[expected, default: 0] += 1
      var other = Register()
      for sibling in siblings.reversed() { _ = other.merge(Register([sibling])) }
      #expect(other.conflict(of: field, isRouting: isRouting) == found)
      if let found {
        #expect(found.siblings.first == register.shown(isRouting: isRouting))
        #expect(Set(found.siblings) == Set(siblings))
      }
    }
    #expect(kinds.values.allSatisfy { $0 > 100 } && kinds.count == 3)
  }

  @Test("why a value is shown: rank, later time, of a home the earlier claim, else the greater dot")
  func reasons() {
    let draw = Draw(seed: 22)
    func reason(_ a: (UInt8, Int64), _ b: (UInt8, Int64), isRouting: Bool = false)
      -> Conflict.Reason?
    {
      Register([
        sibling(draw.replicas[0], 1, .integer(1), rank: a.0, time: a.1),
        sibling(draw.replicas[1], 1, .integer(2), rank: b.0, time: b.1),
      ]).conflict(of: field, isRouting: isRouting)?.reason
    }
    #expect(reason((1, 0), (0, 5)) == .rank)
    #expect(reason((0, 1), (0, 5)) == .laterTime)
    #expect(reason((0, 1), (0, 5), isRouting: true) == .earlierClaim)
    #expect(reason((0, 5), (0, 5)) == .greaterDot)
  }

  @Test("a first claim of a home stands and is pending all the same")
  func homes() throws {
    let draw = Draw(seed: 23)
    let claims = Register([
      sibling(draw.replicas[0], 1, .text("450103001001"), time: 1),
      sibling(draw.replicas[1], 1, .text("450103001002"), time: 2),
    ])
    let alive = Register([sibling(draw.replicas[0], 1, .bool(true))])
    let found = record([.alive: alive, home: claims]).conflicts(routing: [home])
    #expect(found.map(\.kind) == [.pending])
    #expect(found.first?.siblings.first?.value == .text("450103001001"))
  }

  @Test(
    "existence: alive beside deleted, or a revival, is one pending conflict; a deleted record has no other"
  )
  func existence() {
    let draw = Draw(seed: 24)
    let (a, b) = (draw.replicas[0], draw.replicas[1])
    let two = Register([sibling(a, 2, .integer(1)), sibling(b, 2, .integer(2))])
    func kinds(_ alive: [Sibling]) -> [FieldID] {
      record([.alive: Register(alive), field: two]).conflicts(routing: []).map(\.field)
    }
    #expect(kinds([sibling(a, 1, .bool(true))]) == [field])
    #expect(kinds([sibling(a, 1, .bool(true)), sibling(b, 1, .bool(true))]) == [field])
    #expect(kinds([sibling(a, 1, .bool(true), isRevival: true)]) == [.alive, field])
    #expect(kinds([sibling(a, 1, .deleted([]))]) == [])
    let deletions = [
      sibling(a, 1, .deleted([])),
      sibling(b, 1, .deleted([FieldContext(field, VersionVector(Dot(a, 1)))])),
    ]
    #expect(kinds(deletions) == [])
    #expect(kinds([sibling(a, 1, .deleted([]), time: 2), sibling(b, 1, .bool(true))]) == [.alive])
    #expect(
      kinds([sibling(a, 1, .deleted([])), sibling(b, 1, .bool(true), time: 2)]) == [.alive, field])
    // Nothing held, nothing in conflict.
    #expect(Record().conflicts(routing: []) == [])
  }

  @Test("what two vectors both have seen is covered by each, and by nothing smaller")
  func met() {
    var draw = Draw(seed: 25)
    for _ in 0..<2000 {
      let (a, b) = (draw.vector(), draw.vector())
      let both = a.met(b)
      #expect(both == b.met(a) && both.isCovered(by: a) && both.isCovered(by: b))
      for replica in draw.replicas {
        for index in 1...UInt64(5) {
          let dot = Dot(replica, index)
          #expect(both.covers(dot) == (a.covers(dot) && b.covers(dot)))
        }
      }
    }
  }
}
