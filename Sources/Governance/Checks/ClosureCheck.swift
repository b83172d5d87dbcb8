import ReplicationCore

/// Checks path closure: nobody can receive what a relay on the way may not hold, or holds under another mask.
///
/// Upwards homes do not count, downwards they do; a rule that reads by `own` reads least at a home that is not its own,
/// which the sample also holds.
struct ClosureCheck {
  /// What the nodes of the sample may do with records of one ledger and one home, by their places in `nodes`.
  private struct Trial {
    let ledger: Ledger
    let home: Home
    let scopes: [LedgerScope]
    let rights: [ScopeRights]
  }

  let check: PolicyCheck
  private let nodes: [NodeID]
  /// Each node's own place and those of all above it, upwards.
  private let ascents: [[Int]]

  init(_ check: PolicyCheck) {
    self.check = check
    let nodes = Self.pruned(check)
    let places = Dictionary(uniqueKeysWithValues: zip(nodes, nodes.indices))
    self.nodes = nodes
    ascents = nodes.map { check.tree.ascent(from: $0).compactMap { places[$0] } }
  }

  /// The blocked flows, each named once by field, writer's rule, reader's rule and relay.
  func problems() -> [Problem] {
    var found: [Problem] = []
    let codes = nodes.filter(\.slug.isEmpty).map(\.code)
    for ledger in check.policy.catalog.ledgers {
      let scopes = nodes.compactMap { check.policy.scope(of: $0, in: ledger.id) }
      guard scopes.contains(where: { !$0.any.maintain.isEmpty }) else { continue }
      // Columns told apart by rules are tried one by one.
      let columns = scopes.contains { $0.tables.count > 1 } ? ledger.homes.count : 1
      for column in 0..<columns {
        for code in codes {
          let home = Home(code, column: UInt8(column))
          let rights = scopes.map { $0.rights(homes: [home]) }
          found += problems(Trial(ledger: ledger, home: home, scopes: scopes, rights: rights))
        }
      }
    }
    return found.unique()
  }

  private func problems(_ trial: Trial) -> [Problem] {
    let ledger = trial.ledger
    let data = ledger.fieldSet.subtracting(ledger.homeSet)
    let writers = nodes.indices.filter { !trial.rights[$0].maintain.isEmpty }
    guard !writers.isEmpty else { return [] }
    var found: [Problem] = []
    for reader in nodes.indices {
      let read = trial.rights[reader].read
      if read.isEmpty { continue }
      for writer in writers where writer != reader {
        let maintain = trial.rights[writer].maintain
        // Existence and homes pass wherever anything does, so one flow of them stands for all.
        var flow = maintain.intersection(read).intersection(data)
        if flow.isEmpty { flow = ledger.homeSet.intersection(maintain) }
        if !flow.isEmpty { stops(flow, from: writer, to: reader, trial, &found) }
      }
    }
    return found
  }

  /// Upwards homes do not count, downwards they do.
  private func stops(
    _ flow: FieldSet, from writer: Int, to reader: Int, _ trial: Trial, _ found: inout [Problem]
  ) {
    let up = ascents[writer]
    let down = ascents[reader]
    // Both end at the region: what they share from there is above the turn.
    var shared = 0
    while shared < up.count, shared < down.count,
      up[up.count - 1 - shared] == down[down.count - 1 - shared]
    {
      shared += 1
    }
    guard shared > 0 else { return }
    let isAbove = shared == down.count
    let scope = trial.scopes[reader]
    let wanted = isAbove ? scope.any.masks : trial.rights[reader].shownMasks
    var left = flow
    for relay in up.dropFirst().dropLast(shared - 1) where relay != reader {
      let any = trial.scopes[relay].any
      judge(relay, any.read, any.masks)
    }
    for relay in down.dropFirst().dropLast(shared).reversed() where relay != writer {
      judge(relay, trial.rights[relay].read, trial.rights[relay].shownMasks)
    }

    func judge(_ relay: Int, _ read: FieldSet, _ masks: FieldMasks) {
      for field in left.subtracting(read).members { note(field, nil, relay) }
      left.formIntersection(read)
      for (field, mask) in masks.entries where left.contains(field) {
        // A pseudonym is made with the receiver's own key, so nobody can hand on another's.
        if mask == wanted[field], mask != .pseudonym { continue }
        note(field, mask, relay)
        left.remove(field)
      }
    }

    func note(_ field: FieldID, _ held: Mask?, _ relay: Int) {
      let flow = ClosureFlow(
        field: field, writer: nodes[writer], reader: nodes[reader], home: trial.home,
        wanted: wanted[field])
      found.append(check.blocked(flow, at: nodes[relay], holding: held, in: trial.ledger))
    }
  }
}

/// One field's way from who maintains it to who may read it.
struct ClosureFlow {
  let field: FieldID
  let writer: NodeID
  let reader: NodeID
  let home: Home
  /// The mask under which the reader may see it; nil: as it is.
  let wanted: Mask?
}

extension PolicyCheck {
  /// A flow that a relay stops: it may not read the field, or holds it under a mask.
  fileprivate func blocked(
    _ flow: ClosureFlow, at relay: NodeID, holding held: Mask?, in ledger: Ledger
  ) -> Problem {
    let source = rule(flow.writer, ledger, flow.home) { $0.maintain.contains(flow.field) }
    let target = rule(flow.reader, ledger, flow.home) { $0.read.contains(flow.field) }
    let tier = Tier(of: relay).rawValue
    let name = ledger.name(of: flow.field)
    let wanted = flow.wanted.map { "masked (\($0.words))" } ?? "as it is"
    let stop =
      held.map { "holds it masked (\($0.words)) and cannot hand it on \(wanted)" }
      ?? "may not read it"
    let masking = held.flatMap { mask in
      policy.scope(of: relay, in: ledger.id).flatMap {
        self.rule($0, around: nil) { $0.masks[flow.field] == mask }
      }
    }
    return Problem(
      file: file, line: target?.line ?? 0, column: target?.column ?? 0,
      message:
        "rule \"\(target?.name ?? "")\" lets \(Self.kind(flow.reader)) read field \(name) of "
        + "ledger \(ledger.name), which \(Self.kind(flow.writer)) maintains by rule "
        + "\(source?.label ?? ""), but the \(tier) on the way \(stop)",
      hint: masking.map { "let the \(tier) see \(name) as it is: see rule \($0.label)" }
        ?? hint(relay, name, ledger), rule: target?.name)
  }

  /// What to change, and where: the relay's own rule when it has one.
  private func hint(_ relay: NodeID, _ field: String, _ ledger: Ledger) -> String {
    let own = policy.scope(of: relay, in: ledger.id)?.grants.first
    let place = own.map { "rule \(policy.document.rules[$0.rule].label)" }
    return "let the \(Tier(of: relay).rawValue) read \(field)"
      + (place.map { ": see \($0)" } ?? ": it has no rule for this ledger")
  }

  private func rule(
    _ node: NodeID, _ ledger: Ledger, _ home: Home, where gives: (ScopeRights) -> Bool
  ) -> ScopeRule? {
    let column = ledger.homes[Int(home.column)]
    let grants = policy.scope(of: node, in: ledger.id)?.grants ?? []
    return grants.first {
      $0.prefix.contains(home.code) && ($0.by?.contains(column) ?? true) && gives($0.rights)
    }.map { policy.document.rules[$0.rule] }
  }
}
