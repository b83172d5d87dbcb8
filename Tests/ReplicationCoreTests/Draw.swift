import ReplicationCore
import SeededRandom

/// Random values of the core's types from a seed.
struct Draw {
  private var random: SplitMix64
  let replicas: [Replica]

  init(seed: UInt64) {
    random = SplitMix64(seed: seed)
    replicas = (0..<4).compactMap { i in
      NodeID("45010300100\(i)").map { Replica(node: $0, incarnation: 1, lane: .bulk) }
    }
  }

  mutating func number(_ limit: UInt64) -> UInt64 {
    UInt64(random.below(Int(limit)))
  }

  mutating func vector() -> VersionVector {
    var vector = VersionVector()
    for replica in replicas where number(2) == 0 {
      vector = vector.joined(Dot(replica, number(5) + 1))
    }
    return vector
  }

  /// A history of one field: every replica writes on what it holds then; returns all writes in order.
  mutating func history(writes: Int) -> [Sibling] {
    var held = replicas.map { _ in Register() }
    var all: [Sibling] = []
    var next = replicas.map { _ in UInt64(1) }
    for time in 0..<writes {
      let at = Int(number(UInt64(replicas.count)))
      let sibling = Sibling(
        dot: Dot(replicas[at], next[at]), value: .integer(Int64(time)),
        rank: UInt8(number(3)), time: Int64(number(4)), base: held[at].context, side: .own)
      next[at] += 1
      _ = held[at].apply(sibling)
      all.append(sibling)
      let from = Int(number(UInt64(replicas.count)))
      _ = held[Int(number(UInt64(replicas.count)))].merge(held[from])
    }
    return all
  }
}
