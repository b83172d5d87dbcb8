import ReplicationCore

extension LinkComparer {
  /// How often a record is looked at again while something of it is under way.
  private static let rounds = 8
  /// The first wait between two looks; each further one is twice as long, up to two seconds.
  private static let firstWait = Duration.milliseconds(50)

  /// Judges records whose digests differ: what is under way is told apart from what differs; the latter is mended when that was asked for.
  mutating func settle(_ refs: [RecordRef]) async throws {
    let all = refs.sorted()
    var start = 0
    while start < all.count {
      let some = Array(all[start..<min(start + DigestLimits.details, all.count)])
      start += some.count
      var (different, moving) = try await judge(some)
      if repairs, !different.isEmpty {
        let found = different.count
        var (left, open) = try await mend(different.map(\.ref))
        if try await setAside(left.map(\.ref)) {
          let (rest, more) = try await mend(left.map(\.ref))
          (left, open) = (rest, open + more)
        }
        report.result.repaired += UInt64(found - left.count - open.count)
        (different, moving) = (left, moving + open)
      }
      report.result.moving += UInt64(moving.count)
      report.result.different += UInt64(different.count)
      let room = max(0, Self.listed - report.different.count)
      report.different += different.prefix(room)
      progress(report.result)
    }
  }

  /// Lets both ends tell, and looks again.
  private func mend(
    _ refs: [RecordRef]
  ) async throws -> (different: [DifferentRecord], moving: [RecordRef]) {
    try await repair(refs)
    return try await judge(refs)
  }

  /// Looks at records, again and again as long as something of them is under way.
  private func judge(
    _ refs: [RecordRef]
  ) async throws -> (different: [DifferentRecord], moving: [RecordRef]) {
    var different: [DifferentRecord] = []
    var open = refs
    var wait = Self.firstWait
    for round in 0..<Self.rounds where !open.isEmpty {
      if round > 0 {
        try await session.context.clock.sleep(for: wait)
        wait = min(wait * 2, .seconds(2))
      }
      var still: [RecordRef] = []
      var rest = open[...]
      while !rest.isEmpty {
        let (looks, count) = try await look(at: Array(rest))
        for look in looks where !look.fields.isEmpty {
          if look.isMoving {
            still.append(look.ref)
          } else {
            different.append(DifferentRecord(look.ref, look.fields))
          }
        }
        rest = rest.dropFirst(count)
      }
      open = still
    }
    return (different.sorted { $0.ref < $1.ref }, open)
  }

  /// A record at both ends.
  private struct Look {
    let ref: RecordRef
    let fields: FieldSet
    let isMoving: Bool
  }

  /// Looks at this end, at the other, and at this end again: what did not change here in between, and of which nothing is under way in either direction,
  /// was so at both ends at the time of the second look. Returns how many of the records the peer has answered for.
  private func look(at refs: [RecordRef]) async throws -> (looks: [Look], count: Int) {
    let (peer, engine, store) = (peer, engine, session.context.store)
    let before = try await store.read {
      try engine.details(of: refs, with: peer, since: nil, in: $0)
    }
    guard case .details(let theirs) = try await ask(.details(refs)), !theirs.isEmpty,
      theirs.map(\.ref) == Array(refs.prefix(theirs.count))
    else { throw ComparisonError.nonsense(peer) }
    let after = try await store.read {
      try engine.details(of: refs, with: peer, since: before.acknowledged, in: $0)
    }
    var looks: [Look] = []
    for (i, their) in theirs.enumerated() {
      let (first, last) = (before.records[i], after.records[i])
      let (parent, child) =
        session.role == .parent ? (their.share, last.share) : (last.share, their.share)
      let fields = LinkShare.differences(
        parent: parent, child: child, gate: engine.gate(with: peer, in: their.ref.ledger))
      let isMoving =
        first.isMoving || last.isMoving || their.isMoving || first.share != last.share
      looks.append(Look(ref: their.ref, fields: fields, isMoving: isMoving))
    }
    return (looks, theirs.count)
  }

  /// Lets both ends tell how the records stand: first the child, so that nothing that only it holds is withdrawn before the parent has it.
  private func repair(_ refs: [RecordRef]) async throws {
    if session.role == .parent {
      try await tell(refs)
      try await letTell(refs)
    } else {
      try await letTell(refs)
      try await tell(refs)
    }
  }

  /// Both ends take out what the other does not hold and what they cannot prove: it hides what the other tells. Returns whether anything went.
  private func setAside(_ refs: [RecordRef]) async throws -> Bool {
    let (peer, engine, context) = (peer, engine, session.context)
    var isAny = false
    var rest = refs[...]
    while !rest.isEmpty {
      guard case .details(let theirs) = try await ask(.details(Array(rest))), !theirs.isEmpty,
        theirs.map(\.ref) == Array(rest.prefix(theirs.count))
      else { throw ComparisonError.nonsense(peer) }
      let mine = try await context.store.read { tx in
        try engine.details(of: theirs.map(\.ref), with: peer, since: nil, in: tx).records.fitting
      }
      let moment = context.events.moment
      let (here, heads) = try await context.store.write { tx in
        let same = Array(theirs.prefix(mine.count))
        return (
          try engine.setAside(same, from: peer, at: moment, in: tx), try FeedHeads(in: tx)
        )
      }
      context.events.feedGrew(heads)
      guard case .repaired(let there, _) = try await ask(.setAside(mine)) else {
        throw ComparisonError.nonsense(peer)
      }
      if here > 0 || there > 0 { isAny = true }
      rest = rest.dropFirst(mine.count)
    }
    return isAny
  }

  /// This end tells, and waits until the peer has it.
  private func tell(_ refs: [RecordRef]) async throws {
    let (peer, engine) = (peer, engine)
    let heads = try await session.context.store.write { tx in
      _ = try engine.answer(refs, to: peer, in: tx)
      return try FeedHeads(in: tx)
    }
    session.context.events.feedGrew(heads)
    try await wait {
      $0.bulk.acknowledged >= heads.bulk && $0.urgent.acknowledged >= heads.urgent
    }
  }

  /// The peer tells; returns when it has arrived.
  private func letTell(_ refs: [RecordRef]) async throws {
    guard case .repaired(_, let heads) = try await ask(.repair(refs)) else {
      throw ComparisonError.nonsense(peer)
    }
    try await wait { $0.bulk.received >= heads.bulk && $0.urgent.received >= heads.urgent }
  }

  private func wait(until holds: @escaping @Sendable (LinkState) -> Bool) async throws {
    let context = session.context
    let peer = self.peer
    let step = Duration.milliseconds(20)
    var waited = Duration.zero
    while try await !context.store.read({ holds(try $0.link(peer)) }) {
      guard waited < context.settings.answerLimit else { throw ComparisonError.noAnswer(peer) }
      if session.hasEnded { throw ComparisonError.notLive(peer) }
      try await context.clock.sleep(for: step)
      waited += step
    }
  }
}
