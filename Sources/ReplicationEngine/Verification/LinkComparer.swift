package import ReplicationCore

/// A record in which the two ends of a link differ.
package struct DifferentRecord: Hashable, Sendable {
  package let ref: RecordRef
  package let fields: FieldSet

  package init(_ ref: RecordRef, _ fields: FieldSet) {
    self.ref = ref
    self.fields = fields
  }
}

/// What a comparison found.
package struct ComparisonReport: Sendable, Hashable {
  package var result = LinkComparison()
  /// The first `LinkComparer.listed` records that differ and were not mended.
  package var different: [DifferentRecord] = []

  package init() {}
}

/// Compares the two ends of a link: coarse parts of each ledger, then finer ones where they differ, then records.
///
/// All state is here; the other end only answers. Memory does not grow with the tables: at most an answer and one slice are held.
struct LinkComparer {
  /// How many differing records are named.
  static let listed = 200
  let session: LinkSession
  let engine: any LinkEngine
  let repairs: Bool
  let progress: @Sendable (LinkComparison) -> Void
  var report = ComparisonReport()

  var peer: NodeID { session.peer }
  private var settings: LinkSettings { session.context.settings }

  init(
    session: LinkSession, engine: any LinkEngine, repairs: Bool,
    progress: @escaping @Sendable (LinkComparison) -> Void
  ) {
    self.session = session
    self.engine = engine
    self.repairs = repairs
    self.progress = progress
  }

  mutating func run() async throws -> ComparisonReport {
    for ledger in engine.ledgersShared(with: peer) {
      try await compare(KeyRange(ledger), size: DigestLimits.coarse)
    }
    return report
  }

  func ask(_ question: DigestQuestion) async throws -> DigestAnswer {
    try await session.ask(question, engine, limit: settings.answerLimit)
  }

  /// Walks a range part by part, at both ends at once; where a part differs, into it.
  private mutating func compare(_ range: KeyRange, size: UInt64) async throws {
    var range = range
    var answer = try await ask(.parts(range, size: size))
    while true {
      guard case .parts(let parts, let isWhole) = answer else {
        throw ComparisonError.nonsense(peer)
      }
      var rest = range
      rest.after = parts.last?.last ?? range.after
      // The peer goes on while this end looks at its own part.
      let question = DigestQuestion.parts(rest, size: size)
      let next = isWhole ? nil : Task { [self] in try await ask(question) }
      var differing: [KeyRange] = []
      for part in parts {
        let mine = KeyRange(range.ledger, after: range.after, through: part.last)
        let own = try await digest(of: mine)
        if size == DigestLimits.coarse {
          report.result.compared += max(own.count, part.digest.count)
        }
        if own != part.digest { differing.append(mine) }
        range.after = part.last
      }
      if let next { answer = try await next.value }
      for part in differing {
        if size == DigestLimits.coarse {
          try await compare(part, size: DigestLimits.fine)
        } else {
          try await list(part)
        }
      }
      progress(report.result)
      if isWhole {
        return try await onlyHere(range, isCounted: size == DigestLimits.coarse)
      }
      try Task.checkCancellation()
    }
  }

  /// What this end holds of a range.
  private func digest(of range: KeyRange) async throws -> RangeDigest {
    var result = RangeDigest()
    try await shares(of: range) { for record in $0 { result.add(record.digest) } }
    return result
  }

  /// This end's records of a range, slice by slice.
  private func shares(
    of range: KeyRange, _ body: ([(key: String, digest: ShareDigest)]) async throws -> Void
  ) async throws {
    var range = range
    let (peer, engine) = (peer, engine)
    while true {
      let part = range
      let slice = try await session.context.store.read { tx in
        try engine.shares(with: peer, in: part, limit: DigestLimits.slice, tx: tx)
      }
      try await body(slice.records)
      guard let next = slice.next else { return }
      range.after = next
    }
  }

  /// A stretch of which the peer has nothing.
  private mutating func onlyHere(_ range: KeyRange, isCounted: Bool) async throws {
    var range = range
    let (peer, engine) = (peer, engine)
    while true {
      let part = range
      let slice = try await session.context.store.read { tx in
        try engine.shares(with: peer, in: part, limit: DigestLimits.slice, tx: tx)
      }
      if isCounted { report.result.compared += UInt64(slice.records.count) }
      try await settle(slice.records.map { RecordRef(range.ledger, $0.key) })
      guard let next = slice.next else { return }
      range.after = next
    }
  }

  /// Compares a range record by record.
  private mutating func list(_ range: KeyRange) async throws {
    var range = range
    while true {
      guard case .records(let entries, let isWhole) = try await ask(.records(range)) else {
        throw ComparisonError.nonsense(peer)
      }
      var mine = range
      if !isWhole { mine.through = entries.last?.key ?? range.after }
      var theirs: [String: ShortDigest] = [:]
      for entry in entries { theirs[entry.key] = entry.digest }
      var differing: [String] = []
      if isWhole || !entries.isEmpty {
        try await shares(of: mine) { records in
          for record in records where theirs.removeValue(forKey: record.key) != record.digest.short
          {
            differing.append(record.key)
          }
        }
      }
      differing += theirs.keys
      try await settle(differing.map { RecordRef(range.ledger, $0) })
      if isWhole { return }
      range.after = mine.through
    }
  }
}
