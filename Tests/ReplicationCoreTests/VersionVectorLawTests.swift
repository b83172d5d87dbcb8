import ReplicationCore
import Testing

/// The laws of the partial order, over random vectors.
@Suite struct VersionVectorLawTests {
  @Test("join is commutative, associative and idempotent")
  func joinLaws() {
    var draw = Draw(seed: 1)
    for _ in 0..<2000 {
      let (a, b, c) = (draw.vector(), draw.vector(), draw.vector())
      #expect(a.joined(b) == b.joined(a))
      #expect(a.joined(b).joined(c) == a.joined(b.joined(c)))
      #expect(a.joined(a) == a)
      #expect(a.joined(VersionVector()) == a)
    }
  }

  @Test("the order is the one that join defines: reflexive, antisymmetric, transitive")
  func order() {
    var draw = Draw(seed: 2)
    for _ in 0..<2000 {
      let (a, b, c) = (draw.vector(), draw.vector(), draw.vector())
      #expect(a.isCovered(by: a))
      #expect(a.isCovered(by: a.joined(b)))
      if a.isCovered(by: b), b.isCovered(by: a) { #expect(a == b) }
      if a.isCovered(by: b), b.isCovered(by: c) { #expect(a.isCovered(by: c)) }
      let entrywise = a.entries.allSatisfy { b[$0.replica] >= $0.index }
      #expect(a.isCovered(by: b) == entrywise)
    }
  }

  @Test("{A:1} is before {A:1, B:1}, not beside it")
  func smallerIsBefore() {
    var draw = Draw(seed: 3)
    let (a, b) = (draw.replicas[0], draw.replicas[1])
    let small = VersionVector(Dot(a, 1))
    let large = small.joined(Dot(b, 1))
    #expect(small.isCovered(by: large))
    #expect(!large.isCovered(by: small))
    #expect(draw.vector().joined(large).covers(Dot(b, 1)))
  }
}
