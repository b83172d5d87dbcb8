import Governance
import PostgresStore
import ReplicationCore

/// Values that wait for a verification.
struct WaitingList {
  private struct Entry {
    let ref: RecordRef
    let field: FieldID
    let name: String
    let ledger: String
    let since: Int64
    let author: NodeID
    let isExpired: Bool
    let verifiers: [NodeID]
  }

  private static let day: Int64 = 86_400_000_000

  private let policy: CompiledPolicy
  private let now: Int64
  private let limit: Int
  private var entries: [Entry] = []
  private var total: Int64 = 0
  private var byVerifier: [String: (count: Int64, oldest: Int64)] = [:]

  /// `now`: microseconds since 1970 UTC; `limit`: how many values are named, the others only counted.
  init(policy: CompiledPolicy, now: Int64, limit: Int) {
    self.policy = policy
    self.now = now
    self.limit = limit
  }

  /// Adds what waits of one record: data fields of which a value was not verified, or too long ago.
  mutating func add(_ ref: RecordRef, _ record: Record, _ ledger: Ledger) {
    guard record.isHeld, !record.isDeleted else { return }
    let ungated = FieldSet.existence.union(ledger.homeSet)
    let verified = record.verifications
    let life = policy.verificationDays(of: ledger.id).map { Int64($0) * Self.day }
    let homes = record.routing(by: ledger.homes).homes
    for entry in record.registers where !ungated.contains(entry.field) {
      var since: Int64?
      var isExpired = true
      for sibling in entry.register.siblings where sibling.value != .null {
        guard let word = verified[FieldDot(entry.field, sibling.dot)] else {
          since = min(since ?? .max, sibling.time)
          isExpired = false
          continue
        }
        if let life, word.time + life < now { since = min(since ?? .max, word.time + life) }
      }
      guard let since, let shown = entry.register.shown() else { continue }
      append(
        Entry(
          ref: ref, field: entry.field, name: ledger.name(of: entry.field), ledger: ledger.name,
          since: since, author: shown.dot.replica.node, isExpired: isExpired,
          verifiers: policy.verifiers(of: entry.field, in: ledger.id, homes: homes)))
    }
  }

  private mutating func append(_ entry: Entry) {
    total += 1
    let names = entry.verifiers.isEmpty ? [""] : entry.verifiers.map(\.description)
    for name in names {
      let known = byVerifier[name] ?? (0, .max)
      byVerifier[name] = (known.count + 1, min(known.oldest, entry.since))
    }
    entries.append(entry)
    if entries.count >= 2 * limit { cut() }
  }

  private mutating func cut() {
    entries.sort { ($0.since, $0.ref, $0.field) < ($1.since, $1.ref, $1.field) }
    entries.removeSubrange(min(limit, entries.count)...)
  }

  /// `{waiting, by_verifier: […], values: […]}`, the longest waiting first.
  var document: JSON {
    var sorted = self
    sorted.cut()
    return [
      "waiting": .integer(total),
      "by_verifier": .array(
        byVerifier.sorted { ($0.value.oldest, $0.key) < ($1.value.oldest, $1.key) }.map {
          [
            "node": $0.key.isEmpty ? .null : .string($0.key), "values": .integer($0.value.count),
            "oldest": .string(Timestamp($0.value.oldest).description),
          ]
        }),
      "values": .array(sorted.entries.map(document)),
    ]
  }

  private func document(_ entry: Entry) -> JSON {
    [
      "ledger": .string(entry.ledger), "key": .string(entry.ref.key),
      "field": .string(entry.name), "node": .string("\(entry.author)"),
      "since": .string(Timestamp(entry.since).description),
      "days": .integer(max(0, (now - entry.since) / Self.day)),
      "reason": .string(entry.isExpired ? "expired" : "new"),
      "verifiers": .array(entry.verifiers.map { .string("\($0)") }),
    ]
  }
}
