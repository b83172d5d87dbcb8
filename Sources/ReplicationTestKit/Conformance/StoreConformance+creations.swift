import ReplicationCore
import ReplicationEngine

extension StoreConformance {
  /// A creation is kept as its record would be; and a lane is settled from where nothing moved or was taken back.
  static func creations(_ store: any ChangeStore) async throws -> [String] {
    let author = replica("450103001001")
    let home = FieldID(2)
    let homes = Routing.homes([Home(author.node.code)])
    let changes = (1...3).map { number in
      Change(
        dot: Dot(author, UInt64(number)), ref: RecordRef(ledger, "k\(number)"),
        writes: [
          FieldWrite(field: .alive, value: .bool(true), rank: 0, base: VersionVector()),
          FieldWrite(
            field: home, value: .text("450103001001"), rank: 1, base: VersionVector()),
          FieldWrite(
            field: text, value: number == 2 ? .null : .text("\u{20BB7}\(number)"),
            rank: UInt8(number), base: VersionVector(Dot(author, 9))),
        ], time: 1_700_000_000_000_000, actor: "", cause: .write)
    }
    let creations = changes.enumerated().compactMap {
      Creation($1, from: .link(author.node), at: UInt64($0 + 5))
    }
    try await store.write { tx in
      _ = try tx.load(changes.map(\.ref), lock: true)
      _ = try tx.save([:], creations: creations)
    }
    var complaints = try await store.read { tx in
      let loaded = try tx.load(changes.map(\.ref), lock: false).records
      return creations.flatMap { creation in
        complain(
          loaded[creation.ref] == creation.record, "\(creation.ref) is not what was made")
      }
    }
    complaints += complain(creations.count == 3, "a creation is none")
    let dot = Dot(author, 1)
    let kept: [Entry] = [
      .change(ref, dot: dot, took: [text], before: .neverKnown, after: homes, from: .own),
      .change(ref, dot: dot, took: [text], before: homes, after: homes, from: .own),
    ]
    let moving = Entry.change(
      ref, dot: dot, took: [home], before: homes, after: .notHeld, from: .own)
    let from = try await store.write { tx in
      let first = try tx.append(kept, to: .bulk)
      return (first, try tx.settledFrom(.bulk))
    }
    complaints += complain(from.1 <= from.0, "a lane that nothing moved in is not settled")
    let moved = try await store.write { tx in
      let first = try tx.append([kept[0], moving, kept[1]], to: .bulk)
      _ = try tx.append(kept, to: .bulk)
      return (first, try tx.settledFrom(.bulk), try tx.settledFrom(.urgent))
    }
    complaints += complain(
      moved.1 > moved.0 + 1 && moved.1 <= moved.0 + 3,
      "after a move at \(moved.0 + 1) the lane is settled from \(moved.1)")
    complaints += complain(moved.2 <= 1, "another lane is unsettled by it")
    return complaints
  }
}
