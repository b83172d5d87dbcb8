import ReplicationCore
import ReplicationEngine
import SignedFeed

/// The checks after peace; they read the stores and know nothing of how the system works.
struct SimulationChecker {
  let network: SimulatedNetwork
  let tree: SimulationTree
  let journal: SimulationJournal
  let restored: Set<NodeID>

  func check() -> [SimulationFault] {
    var faults: [SimulationFault] = []
    for (child, parent) in tree.links {
      var differing = Set<LinkRecord>()
      checkLink(child, parent, isAtRest: true, &faults, &differing)
    }
    for node in network.nodes.values {
      let state = node.store.snapshot
      for arrival in state.arrivals where arrival.kind != .left {
        let held = state.records[arrival.ref]?.heldFields ?? FieldSet()
        if !arrival.fields.isSubset(of: held) {
          faults.append(SimulationFault("NOTED-OUTSIDE", "\(node.id) \(arrival.ref)"))
        }
      }
      if !state.parked.isEmpty { faults.append(SimulationFault("PARKED", "\(node.id)")) }
      let values = shownValues(state)
      for (ref, record) in state.records {
        let policy = node.replicator.policy
        let homes = record.routing(by: policy.routingFields(of: ref.ledger)).homes
        let held = record.heldFields.subtracting(
          homes.isEmpty
            ? policy.fields(of: node.id, in: ref.ledger)
            : policy.fields(of: node.id, in: ref.ledger, homes: homes))
        if !held.isEmpty {
          faults.append(SimulationFault("HELD-WITHOUT-RIGHT", "\(node.id) \(ref) \(held)"))
        }
        checkRecord(node.id, ref, record, &faults)
        checkProofs(node.id, ref, record, values, &faults)
        checkMasks(node, ref, record, &faults)
      }
    }
    checkLost(&faults)
    if network.isVerifying { checkSealed(&faults) }
    return faults
  }

  /// Both ends say the same of the conflicts in what both may hold.
  private func checkConflicts(
    _ above: Record, _ below: Record, _ shared: FieldSet, _ routing: [FieldID], _ place: String
  ) -> [SimulationFault] {
    func told(_ record: Record) -> [String] {
      // Whether values differ is not told by what masks leave of them.
      record.conflicts(routing: routing).filter { conflict in
        shared.contains(conflict.field)
          && !(above[conflict.field].siblings + below[conflict.field].siblings)
            .contains(where: \.value.isMasked)
      }
      .map { "\($0.field) \($0.kind) \($0.reason) \($0.siblings.map(\.dot))" }
    }
    let (x, y) = (told(above), told(below))
    return x == y ? [] : [SimulationFault("CONFLICTS", "\(place) \(x) \(y)")]
  }

  /// The records of which the two ends of a link hold something else.
  func differing() -> Set<LinkRecord> {
    var faults: [SimulationFault] = []
    var result = Set<LinkRecord>()
    for (child, parent) in tree.links { checkLink(child, parent, &faults, &result) }
    if !faults.isEmpty { network.trace?("differing \(faults)") }
    return result
  }

  /// Whether links differ only in values that their upper ends cannot tell: masked otherwise than the lower ends may see them.
  func isUntold() -> Bool {
    var faults: [SimulationFault] = []
    var result = Set<LinkRecord>()
    for (child, parent) in tree.links {
      checkLink(child, parent, isAtRest: true, &faults, &result)
    }
    return faults.isEmpty
  }

  private func checkLink(
    _ child: NodeID, _ parent: NodeID, isAtRest: Bool = false, _ faults: inout [SimulationFault],
    _ differing: inout Set<LinkRecord>
  ) {
    let policy = network.node(parent).replicator.policy
    let above = network.node(parent).store.snapshot.records
    let below = network.node(child).store.snapshot.records
    for ref in Set(above.keys).union(below.keys) {
      let a = above[ref] ?? Record()
      let b = below[ref] ?? Record()
      let routing = policy.routingFields(of: ref.ledger)
      let homesAbove = a.routing(by: routing).homes
      let codesBelow = b.routing(by: routing).codes
      let view =
        homesAbove.isEmpty
        ? FieldSet() : policy.fields(of: child, in: ref.ledger, homes: homesAbove)
      let isGated = policy.isGated(from: child, to: parent, in: ref.ledger)
      let mayHold = policy.fields(of: parent, in: ref.ledger)
      if a.isHeld, !isGated {
        faults += checkConflicts(
          a, b, view.intersection(mayHold), routing, "\(parent) \(child) \(ref)")
      }
      let known = faults.count
      for field in SimulationPolicy.all.members {
        let x = a[field].dots
        let y = b[field].dots
        let place = "\(parent) \(child) \(ref) \(field) \(x) \(y)"
        // What stands behind a gate is not judged where the parent has nothing to judge it by.
        let isJudged = !isGated || SimulationPolicy.ungated.contains(field)
        if a.isHeld, !view.contains(field), !y.isEmpty, isJudged {
          faults.append(SimulationFault("HELD-OUTSIDE", place))
        }
        var isShared = view.contains(field) && mayHold.contains(field)
        if isGated, !SimulationPolicy.ungated.contains(field) {
          isShared = isShared && b.releasedRegister(of: field)?.hasSameDots(as: b[field]) ?? false
        }
        let upper = policy.masks(of: parent, in: ref.ledger).entries.first { $0.field == field }?
          .mask
        let lower =
          homesAbove.isEmpty
          ? nil
          : policy.masks(of: child, in: ref.ledger, homes: homesAbove)
            .entries.first { $0.field == field }?.mask
        if let upper, lower != .suppressed, lower != upper || upper == .pseudonym {
          // What the parent got from elsewhere it cannot tell the child; what the child has it has, or has seen overwritten.
          isShared = isShared && !y.allSatisfy { a[field].covers($0) }
        }
        if isAtRest, x != y, y.allSatisfy({ a[field].covers($0) }) {
          let rest = a[field].siblings.filter { !y.contains($0.dot) }
          isShared = isShared && !rest.allSatisfy { $0.value.isUntold(under: lower) }
        }
        if isShared, x != y { faults.append(SimulationFault("DIVERGE", place)) }
        if !a.isHeld, !codesBelow.isEmpty, mayHold.contains(field), !y.isEmpty, isJudged {
          faults.append(SimulationFault("PARENT-MISSING", place))
        }
      }
      // A record without a home is in no view: the child has nothing to say of it.
      if faults.count > known, !(codesBelow.isEmpty && view.isEmpty) {
        differing.insert(LinkRecord(child: child, parent: parent, ref: ref))
      }
    }
  }

  private func checkRecord(
    _ id: NodeID, _ ref: RecordRef, _ record: Record, _ faults: inout [SimulationFault]
  ) {
    for entry in record.registers {
      // Recomputed from the journal: what each author had signed as seen.
      var context = VersionVector()
      for sibling in entry.register.siblings {
        let write = journal.changes[sibling.dot]?.writes.first { $0.field == entry.field }
        context = context.joined(write?.base ?? VersionVector()).joined(sibling.dot)
      }
      if context != entry.register.context {
        faults.append(SimulationFault("CTX", "\(id) \(ref) \(entry.field)"))
      }
    }
    guard let alive = record[.alive].shown(), case .deleted(let seen) = alive.value else { return }
    for field in SimulationPolicy.data {
      for sibling in record[field].siblings {
        let isSeen = seen.contains { $0.field == field && $0.context.covers(sibling.dot) }
        if !isSeen {
          faults.append(
            SimulationFault("DELETED-UNSEEN", "\(id) \(ref) \(field) \(sibling.dot)"))
        }
      }
    }
  }

  /// What a node holds of a record is masked as its policy has it, says what its author's value leaves, and was signed.
  ///
  /// Where nobody beside the node can tell it as it is demanded now it may stay under a stricter mask. Never under a weaker one.
  private func checkMasks(
    _ node: SimulatedNode, _ ref: RecordRef, _ record: Record, _ faults: inout [SimulationFault]
  ) {
    let policy = node.replicator.policy
    let homes = record.routing(by: policy.routingFields(of: ref.ledger)).homes
    let masks =
      homes.isEmpty || node.replicator.parent == nil
      ? policy.masks(of: node.id, in: ref.ledger)
      : policy.masks(of: node.id, in: ref.ledger, homes: homes)
    let held = policy.fields(of: node.id, in: ref.ledger)
    for entry in record.registers + record.released where held.contains(entry.field) {
      let wanted = masks.entries.first { $0.field == entry.field }?.mask
      for sibling in entry.register.siblings {
        let place = "\(node.id) \(ref) \(entry.field) \(sibling.dot)"
        guard case .masked(let value) = sibling.value else {
          if wanted != nil, !homes.isEmpty { faults.append(SimulationFault("UNMASKED", place)) }
          continue
        }
        let isStricter = wanted.map { value.mask > $0 } ?? true
        let isKept =
          isStricter && !isTold(node, ref, FieldDot(entry.field, sibling.dot), as: wanted)
        if value.mask != wanted, !isKept, !homes.isEmpty {
          let demanded = wanted.map { "\($0)" } ?? "none"
          faults.append(
            SimulationFault("MASKED", "\(place) \(value.mask), demanded is \(demanded)"))
        }
        let kept = node.store.snapshot.batches[sibling.dot.replica] ?? []
        let isSigned = kept.contains {
          $0.header.has(sibling.dot)
            && $0.maskProof(of: sibling.dot.index, entry.field)?.value == value
            && $0.isMaskValid(of: sibling.dot.index, entry.field, by: network.directory)
        }
        if !isSigned { faults.append(SimulationFault("UNSIGNED-MASK", place)) }
      }
    }
  }

  /// Whether a neighbour of a node holds a value so that it can tell it under a mask, or whole (nil).
  private func isTold(
    _ node: SimulatedNode, _ ref: RecordRef, _ place: FieldDot, as wanted: Mask?
  ) -> Bool {
    let parent = node.replicator.parent
    let children = tree.links.filter { $0.parent == node.id }.map(\.child)
      .filter { !node.replicator.policy.isGated(from: $0, to: node.id, in: ref.ledger) }
    for peer in children + (parent.map { [$0] } ?? []) {
      let register = network.node(peer).store.snapshot.records[ref]?[place.field] ?? Register()
      guard let held = register.siblings.first(where: { $0.dot == place.dot }) else { continue }
      if !held.value.isUntold(under: wanted) { return true }
    }
    return false
  }

  /// Every value held can be proved from the kept batches, and is what its author signed.
  private func checkProofs(
    _ id: NodeID, _ ref: RecordRef, _ record: Record, _ values: [FieldDot: Value],
    _ faults: inout [SimulationFault]
  ) {
    for entry in record.registers + record.released {
      for sibling in entry.register.siblings {
        // Beside a masked value the author's may stand until it is erased.
        if sibling.value.isMasked { continue }
        let proved = values[FieldDot(entry.field, sibling.dot)]
        if proved != sibling.value {
          faults.append(SimulationFault("UNPROVED", "\(id) \(ref) \(entry.field) \(sibling.dot)"))
        }
      }
    }
  }

  private func shownValues(_ state: MemoryState) -> [FieldDot: Value] {
    var values: [FieldDot: Value] = [:]
    for batch in state.batches.values.joined() {
      for change in batch.changes {
        for write in change.writes { values[FieldDot(write.field, change.dot)] = write.value }
      }
    }
    return values
  }

  /// What a node gave up is sealed to its parent (the root's to itself), opens there, and holds every value that it names.
  private func checkSealed(_ faults: inout [SimulationFault]) {
    for node in network.nodes.values {
      let recipient = network.node(node.replicator.parent ?? node.id)
      for item in node.store.snapshot.archive {
        let place = "\(node.id) \(item.ref) \(item.payload)"
        switch item.content {
        case .settled: continue
        case .plain: faults.append(SimulationFault("READABLE", place))
        case .sealed(let to, let box):
          let bytes = try? recipient.sealing.open(box, context: item.boxContext)
          if to != recipient.id || bytes == nil || !isWhole(item, bytes ?? []) {
            faults.append(SimulationFault("UNOPENED", place))
          }
        }
      }
    }
  }

  private func isWhole(_ item: HandoverItem, _ bytes: [UInt8]) -> Bool {
    var reader = ByteReader(bytes)
    var shown: [FieldDot: Value] = [:]
    guard let count = try? reader.count(max: 1000) else { return false }
    for _ in 0..<count {
      guard let batch = try? UnverifiedBatch(decoding: &reader).verified(by: network.directory)
      else { return false }
      for change in batch.changes where change.ref == item.ref {
        for write in change.writes { shown[FieldDot(write.field, change.dot)] = write.value }
      }
    }
    return item.payload.allSatisfy { entry in
      entry.dots.allSatisfy { dot in
        let signed = journal.changes[dot]?.writes.first { $0.field == entry.field }?.value
        return signed != nil && shown[FieldDot(entry.field, dot)] == signed
      }
    }
  }

  /// Every sealed write is held somewhere, archived, or overwritten by a write that saw it.
  private func checkLost(_ faults: inout [SimulationFault]) {
    var held = Set<FieldDot>()
    for node in network.nodes.values {
      let state = node.store.snapshot
      for record in state.records.values {
        for entry in record.registers {
          for sibling in entry.register.siblings where !sibling.value.isMasked {
            held.insert(FieldDot(entry.field, sibling.dot))
          }
        }
      }
      // A receipt holds nothing: what it stood for must be somewhere else, unless who vouched for it was restored from a backup.
      for item in state.archive where item.content != .settled || !restored.isEmpty {
        for entry in item.payload {
          for dot in entry.dots { held.insert(FieldDot(entry.field, dot)) }
        }
      }
    }
    struct Place: Hashable {
      let ref: RecordRef
      let field: FieldID
      let replica: Replica
    }
    var overwritten: [Place: UInt64] = [:]
    for change in journal.changes.values {
      for write in change.writes {
        for entry in write.base.entries {
          let place = Place(ref: change.ref, field: write.field, replica: entry.replica)
          overwritten[place] = max(overwritten[place] ?? 0, entry.index)
        }
      }
    }
    for change in journal.changes.values where !restored.contains(change.dot.replica.node) {
      for write in change.writes where !held.contains(FieldDot(write.field, change.dot)) {
        let place = Place(ref: change.ref, field: write.field, replica: change.dot.replica)
        if overwritten[place] ?? 0 >= change.dot.index { continue }
        faults.append(SimulationFault("LOST", "\(change.dot) \(change.ref) \(write.field)"))
      }
    }
  }

  /// When everything is acknowledged and trimmed, no kept batch shows a value that is not held.
  ///
  /// Not of restored nodes: with their feed they lost the notes of what is to be erased.
  func checkErased() -> [SimulationFault] {
    var faults: [SimulationFault] = []
    for node in network.nodes.values where !restored.contains(node.id) {
      let state = node.store.snapshot
      guard state.feeds.values.allSatisfy({ $0.entries.isEmpty }) else {
        faults.append(SimulationFault("NOT-TRIMMED", "\(node.id)"))
        continue
      }
      var held: [FieldDot: Bool] = [:]
      for record in state.records.values {
        for entry in record.registers + record.released {
          for sibling in entry.register.siblings {
            held[FieldDot(entry.field, sibling.dot)] = sibling.value.isMasked
          }
        }
      }
      for (place, value) in shownValues(state)
      where held[place] == nil || (held[place] == true && !value.isMasked) {
        faults.append(SimulationFault("NOT-ERASED", "\(node.id) \(place.field) \(place.dot)"))
      }
    }
    return faults
  }
}

extension Value {
  /// Whether who holds it so cannot tell it under a mask, or whole (nil).
  fileprivate func isUntold(under mask: Mask?) -> Bool {
    guard case .masked(let value) = self else { return false }
    return mask.map { !$0.canFollow(value.mask) } ?? true
  }
}
