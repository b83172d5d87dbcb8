import Governance
import PostgresStore
import ReplicationCore

/// The answer of `scope explain` about one node and ledger, as members of a document.
struct ScopeExplanation {
  let policy: CompiledPolicy
  let ledger: Ledger
  let node: NodeID
  let asker: NodeID
  /// Nil: whatever record.
  let homes: [Home]?
  /// Nil: not held here, or none was named.
  let record: Record?
  /// Microseconds since 1970 UTC.
  let now: Int64

  private static let day: Int64 = 86_400_000_000

  var members: [JSON.Member] {
    let paths = policy.paths(to: node, of: ledger.id, homes: homes, from: asker)
    var members: [JSON.Member] = []
    if let homes {
      members.append(
        .init(
          "homes",
          .array(
            homes.map { home in
              [
                "column": .string(ledger.name(of: ledger.homes[Int(home.column)])),
                "code": .string("\(home.code)"),
              ]
            })))
    }
    members.append(.init("fields", .array(fields(paths))))
    members.append(.init("paths", .array(paths.map(document))))
    return members
  }

  /// Each field: what the node may do, by which rules, why not, and whether it comes through to it.
  private func fields(_ paths: [ScopePath]) -> [JSON] {
    policy.explain(node, ledger.id, homes: homes).map { field in
      let path = paths.first { $0.fields.contains(field.field) }
      let last = path?.hops.last?.fields.first { $0.field == field.field }
      let stop = path?.stop(of: field.field)
      var members: [JSON.Member] = [
        .init("field", .string(field.name)), .init("read", .bool(field.read)),
        .init("maintain", .bool(field.maintain)), .init("verify", .bool(field.verify)),
        .init("resolve", .bool(field.resolve)), .init("mask", .optional(field.mask)),
        .init("rule", .optional(field.rule)),
        .init("reason", field.read ? .null : .string(reason(last))),
        .init("for_other_homes", .array(others(last, isGiven: field.read))),
        .init("arrives", .bool(path != nil && stop == nil)),
        .init("blocked_at", .optional(stop.map { "\($0.node)" })),
      ]
      if isGatedOn(path, field.field) {
        members.append(.init("gate", gate(field.field)))
      }
      return .object(members)
    }
  }

  /// Why a field is not given, as a word.
  private func reason(_ field: HopField?) -> String {
    field?.rules.isEmpty == false ? "other_homes" : "no_rule"
  }

  /// The rules that would give a field for other homes.
  private func others(_ field: HopField?, isGiven: Bool) -> [JSON] {
    if isGiven { return [] }
    return (field?.rules ?? []).map { rule in
      ["rule": .string(rule.label), "homes": .string(rule.homes.description)]
    }
  }

  private func isGatedOn(_ path: ScopePath?, _ field: FieldID) -> Bool {
    !ledger.homeSet.contains(field) && path?.hops.contains { $0.isGated } ?? false
  }

  /// Whether the value passes the gate: who vouched for it, when, until when.
  ///
  /// `verified`, `pending` (`earlier`: one verified before goes in its place), `expired`, `absent` (there is no value), `unknown` (the
  /// record is not held here).
  private func gate(_ field: FieldID) -> JSON {
    guard let record else { return ["state": "unknown"] }
    guard let shown = record[field].shown(), shown.value != .null else {
      return ["state": "absent"]
    }
    let words = record[field].siblings.map { word(of: FieldDot(field, $0.dot), in: record) }
    guard !words.contains(where: { $0 == nil }),
      let word = words.compactMap(\.self).min(by: { $0.time < $1.time })
    else {
      return [
        "state": "pending", "since": .string(Timestamp(shown.time).description),
        "earlier": .bool(record.releasedRegister(of: field) != nil),
      ]
    }
    let expires = policy.verificationDays(of: ledger.id).map {
      word.time + Int64($0) * Self.day
    }
    return [
      "state": .string(expires.map { $0 < now } ?? false ? "expired" : "verified"),
      "by": .string(word.actor), "node": .string("\(word.node)"),
      "at": .string(Timestamp(word.time).description),
      "expires": .optional(expires.map { Timestamp($0).description }),
    ]
  }

  private typealias Word = (node: NodeID, actor: String, time: Int64)

  /// The earliest verification of a value; nil when nobody has vouched for it.
  private func word(of value: FieldDot, in record: Record) -> Word? {
    var found: Word?
    for sibling in record[.verified].siblings {
      guard case .verified(let entries) = sibling.value else { continue }
      for entry in entries where entry.value == value && entry.time < found?.time ?? .max {
        found = (sibling.dot.replica.node, entry.actor, entry.time)
      }
    }
    return found
  }

  private func document(_ path: ScopePath) -> JSON {
    [
      "from": .string(path.hops.first.map { "\($0.node)" } ?? ""),
      "fields": .array(path.fields.map { .string(ledger.name(of: $0)) }),
      "hops": .array(path.hops.map(document)),
    ]
  }

  private func document(_ hop: ScopeHop) -> JSON {
    [
      "node": .string("\(hop.node)"), "tier": .string(Tier(of: hop.node).rawValue),
      "direction": .string(hop.direction.rawValue), "gated": .bool(hop.isGated),
      "gives": .array(
        hop.fields.filter(\.isGiven).map { field in
          [
            "field": .string(ledger.name(of: field.field)), "mask": .optional(field.mask),
            "rule": .string(field.rules.map(\.label).joined(separator: ", ")),
          ]
        }),
      "blocks": .array(
        hop.fields.filter { !$0.isGiven }.map { field in
          [
            "field": .string(ledger.name(of: field.field)), "reason": .string(reason(field)),
            "for_other_homes": .array(others(field, isGiven: false)),
          ]
        }),
    ]
  }
}
