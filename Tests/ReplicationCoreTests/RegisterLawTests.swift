import ReplicationCore
import Testing

/// Registers over random histories in which every base is what its author held.
@Suite struct RegisterLawTests {
  /// Applies some of a history in order: what a node would hold that received these.
  private func register(_ writes: [Sibling], _ draw: inout Draw) -> Register {
    var register = Register()
    for sibling in writes where draw.number(3) > 0 { _ = register.apply(sibling) }
    return register
  }

  @Test("merging is commutative, associative and idempotent")
  func mergeLaws() {
    var draw = Draw(seed: 11)
    for _ in 0..<1500 {
      let writes = draw.history(writes: 8)
      let (a, b, c) = (
        register(writes, &draw), register(writes, &draw), register(writes, &draw)
      )
      func merged(_ x: Register, _ y: Register) -> Register {
        var result = x
        _ = result.merge(y)
        return result
      }
      #expect(merged(a, b).hasSameDots(as: merged(b, a)))
      #expect(merged(a, a).hasSameDots(as: a))
      #expect(merged(merged(a, b), c).hasSameDots(as: merged(a, merged(b, c))))
    }
  }

  @Test("a write applied twice, or after what saw it, changes nothing")
  func applyIsIdempotent() {
    var draw = Draw(seed: 12)
    for _ in 0..<1500 {
      let writes = draw.history(writes: 8)
      var register = Register()
      for sibling in writes { _ = register.apply(sibling) }
      let settled = register
      for sibling in writes {
        let took = register.apply(sibling)
        #expect(!took)
      }
      #expect(register == settled)
    }
  }

  @Test("two concurrent writes leave the same siblings in either order")
  func applyCommutes() {
    var draw = Draw(seed: 13)
    for _ in 0..<3000 {
      let writes = draw.history(writes: 6)
      let (x, y) = (writes[writes.count - 2], writes[writes.count - 1])
      if y.base.covers(x.dot) || x.base.covers(y.dot) { continue }
      if x.dot.replica == y.dot.replica { continue }
      var a = Register(Array(writes.prefix(1)))
      var b = a
      _ = a.apply(x)
      _ = a.apply(y)
      _ = b.apply(y)
      _ = b.apply(x)
      #expect(a.hasSameDots(as: b))
    }
  }

  @Test("no sibling goes except by a write that saw it")
  func nothingIsDiscarded() {
    var draw = Draw(seed: 14)
    for _ in 0..<1500 {
      let writes = draw.history(writes: 10)
      var register = Register()
      for sibling in writes { _ = register.apply(sibling) }
      for lost in writes where !register.has(lost.dot) {
        #expect(writes.contains { $0.base.covers(lost.dot) })
      }
    }
  }

  @Test("shown: rank, then time, then dot; of a home the earliest claim")
  func shownValue() throws {
    let draw = Draw(seed: 15)
    func sibling(_ i: Int, rank: UInt8, time: Int64) -> Sibling {
      Sibling(
        dot: Dot(draw.replicas[i], 1), value: .integer(Int64(i)), rank: rank, time: time,
        base: VersionVector(), side: .own)
    }
    let equal = Register([sibling(0, rank: 1, time: 5), sibling(1, rank: 1, time: 9)])
    #expect(equal.shown()?.value == .integer(1))
    #expect(equal.shown(isRouting: true)?.value == .integer(0))
    let ranked = Register([sibling(0, rank: 2, time: 1), sibling(1, rank: 1, time: 9)])
    #expect(ranked.shown()?.value == .integer(0))
    #expect(ranked.shown(isRouting: true)?.value == .integer(0))
    let tied = Register([sibling(2, rank: 0, time: 1), sibling(3, rank: 0, time: 1)])
    #expect(tied.shown()?.value == .integer(3))
    #expect(Register().shown() == nil)
  }
}
