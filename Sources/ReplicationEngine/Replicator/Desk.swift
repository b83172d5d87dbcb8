import ReplicationCore
import SignedFeed

/// What one transaction works on, one lane: loaded records, entries to come, own changes to be sealed.
struct Desk {
  let replicator: Replicator
  let lane: Lane
  let moment: Moment
  var chain: ChainHead
  let own: Replica
  let firstPosition: UInt64
  /// Of records that were loaded, or that more than one change of this transaction is about.
  private(set) var records: [RecordRef: Record]
  /// Records that this transaction has heard of first, and of which nothing else was said since; nil where something was.
  private var made: [Creation?] = []
  private var madeAt: [RecordRef: Int] = [:]
  private(set) var changed = Set<RecordRef>()
  var entries: [Entry] = []
  var ownChanges: [Change] = []
  /// The home before each own change: what its batch is sorted by.
  var ownOrder: [String] = []
  var archived: [(ref: RecordRef, payload: [FieldDots], movedTo: DivisionCode?)] = []
  /// Fields that were held and were taken back.
  var lost: [RecordRef: FieldSet] = [:]
  private var rules: [LedgerID: RecordRules] = [:]
  private var ranks: [LedgerID: [UInt8]] = [:]
  private var hasOwnMasks: [LedgerID: Bool] = [:]

  /// Takes the lane's head lock: the records must be locked already.
  init(
    _ replicator: Replicator, _ lane: Lane, _ moment: Moment, _ records: [RecordRef: Record],
    _ tx: any StoreTransaction
  ) throws {
    self.replicator = replicator
    self.lane = lane
    self.moment = moment
    self.records = records
    chain = try tx.chain(lane)
    own = Replica(node: replicator.node, incarnation: chain.incarnation, lane: lane)
    firstPosition = try tx.nextPosition(lane)
  }

  var position: UInt64 { firstPosition + UInt64(entries.count) }

  mutating func rules(_ ledger: LedgerID) -> RecordRules {
    if let known = rules[ledger] { return known }
    let made = RecordRules(
      own: own, parent: replicator.parent,
      routing: replicator.policy.routingFields(of: ledger))
    rules[ledger] = made
    return made
  }

  /// This node's rank for a field.
  mutating func rank(of field: FieldID, in ledger: LedgerID) -> UInt8 {
    if field == .alive { return 0 }
    if let known = ranks[ledger] { return known[Int(field.number)] }
    let made = replicator.policy.ranks(of: own.node, in: ledger)
    ranks[ledger] = made
    return made[Int(field.number)]
  }

  /// A record as it stands here now; nil when nothing is known of it.
  func record(_ ref: RecordRef) -> Record? {
    records[ref] ?? madeAt[ref].flatMap { made[$0]?.record }
  }

  /// Records made here that nothing else has touched.
  var creations: [Creation] { made.compactMap(\.self) }

  /// Receives a change from a link, or from this node itself.
  mutating func receive(_ change: Change, isPayload: Bool, from side: Side) {
    if !isPayload, make(change, from: side) { return }
    let rules = rules(change.ref.ledger)
    work(on: change.ref) { record, isKnown, position in
      rules.receive(
        change, isPayload: isPayload, from: side, into: &record, isKnown: isKnown,
        position: position)
    }
  }

  /// Takes a change that makes a record of which nothing is known; false, and nothing happened, when it is another change.
  ///
  /// Not from the parent: what comes home is compared with what stood here.
  private mutating func make(_ change: Change, from side: Side) -> Bool {
    guard records[change.ref] == nil, side != replicator.parent.map(Side.link),
      let creation = Creation(change, from: side, at: position), madeAt[change.ref] == nil
    else { return false }
    madeAt[change.ref] = made.count
    made.append(creation)
    entries.append(creation.entry(routing: rules(change.ref.ledger).routing))
    return true
  }

  /// Something else is said of a record that was made here: from now on it is one of `records`.
  private mutating func build(_ ref: RecordRef) {
    guard !madeAt.isEmpty, let at = madeAt.removeValue(forKey: ref) else { return }
    records[ref] = made[at]?.record
    changed.insert(ref)
    made[at] = nil
  }

  mutating func withdraw(_ fields: FieldSet?, of ref: RecordRef, from peer: NodeID) {
    let rules = rules(ref.ledger)
    work(on: ref) { record, _, position in
      rules.withdraw(fields, of: ref, from: peer, record: &record, position: position)
    }
  }

  /// Whether this node sees anything of a ledger masked.
  mutating func seesMasked(_ ledger: LedgerID) -> Bool {
    if let known = hasOwnMasks[ledger] { return known }
    let made = !replicator.policy.masks(of: own.node, in: ledger).isEmpty
    hasOwnMasks[ledger] = made
    return made
  }

  /// Gives up by itself what the policy does not let this node hold, or not unmasked.
  mutating func prune(_ ref: RecordRef) {
    let rules = rules(ref.ledger)
    let replicator = replicator
    let fields = replicator.policy.fields(of: own.node, in: ref.ledger)
    work(on: ref) { record, _, _ in
      let homes = record.routing(by: rules.routing).homes
      let masks = replicator.ownMasks(of: ref.ledger, homes: homes)
      return rules.prune(&record, of: ref, to: fields, masks: masks)
    }
  }

  /// Takes values without a proof out of a record; returns those that it held.
  mutating func setAside(_ values: [FieldDots], of ref: RecordRef) -> [FieldDots] {
    build(ref)
    guard let known = records[ref] else { return [] }
    let held = values.compactMap { entry -> FieldDots? in
      let dots = entry.dots.filter { known[entry.field].has($0) }
      return dots.isEmpty ? nil : FieldDots(entry.field, dots)
    }
    if held.isEmpty { return [] }
    var record = known
    let effect = rules(ref.ledger).setAside(held, of: ref, record: &record, position: position)
    records[ref] = record
    changed.insert(ref)
    entries += effect.entries
    noteLost(known, record, ref)
    return held
  }

  /// Lets a rule work on a record, and takes over what it says.
  mutating func work(
    on ref: RecordRef,
    _ rule: (_ record: inout Record, _ isKnown: Bool, _ position: UInt64) -> RecordRules.Effect
  ) {
    build(ref)
    let known = records.removeValue(forKey: ref)
    var record = known ?? Record()
    let effect = rule(&record, known != nil, position)
    if known != nil || effect.isChanged { records[ref] = record }
    if effect.isChanged { changed.insert(ref) }
    entries.append(contentsOf: effect.entries)
    if let known, effect.isChanged {
      // Masked values go without being archived.
      if effect.isWithdrawal {
        noteLost(known, record, ref)
      } else {
        noteUnnamed(known, record, ref)
      }
    }
    if !effect.archived.isEmpty {
      archived.append((ref, effect.archived, place(of: known, ref)))
    }
    if let meeting = effect.meeting { revive(ref, record, meeting) }
  }

  /// Where a record belonged when it left, if that lies outside this node's division.
  private mutating func place(of record: Record?, _ ref: RecordRef) -> DivisionCode? {
    let home = record?.routing(by: rules(ref.ledger).routing).codes.first
    return home.flatMap { replicator.node.code.contains($0) ? nil : $0 }
  }

  /// Values that went although no base names just them (a later write of the same replica is named): noted, so that they are erased.
  private mutating func noteUnnamed(_ old: Record, _ new: Record, _ ref: RecordRef) {
    var gone: [FieldDots] = []
    for entry in old.registers {
      let register = new[entry.field]
      let dots = entry.register.dots.filter { dot in
        !register.has(dot)
          && !register.siblings.contains { $0.base[dot.replica] == dot.index }
      }
      if !dots.isEmpty { gone.append(FieldDots(entry.field, dots)) }
    }
    if gone.isEmpty { return }
    let routing = new.routing(by: rules(ref.ledger).routing)
    entries.append(
      .withdrawn(ref, fields: [], gone: gone, before: routing, after: routing, from: own.node))
  }

  private mutating func noteLost(_ old: Record, _ new: Record, _ ref: RecordRef) {
    let gone = new.isHeld ? old.heldFields.subtracting(new.heldFields) : .everything
    if !gone.isEmpty { lost[ref, default: FieldSet()].formUnion(gone) }
  }

  /// A deletion met a write that it had not seen: the record is written back alive.
  private mutating func revive(_ ref: RecordRef, _ record: Record, _ meeting: Meeting) {
    let write = FieldWrite(
      field: .alive, value: .bool(true), rank: 0,
      base: record.base(of: .alive, for: own).bounded(
        keeping: record[.alive]))
    author(
      ref, [write], record, time: moment.adjusted, actor: "",
      cause: .restore([meeting.deletion, meeting.unseen]))
  }

  /// Makes an own change, gives it the next index, and receives it.
  mutating func author(
    _ ref: RecordRef, _ writes: [FieldWrite], _ record: Record, time: Int64, actor: String,
    cause: Change.Cause
  ) {
    let change = Change(
      dot: Dot(own, chain.nextIndex), ref: ref, writes: writes, time: time, actor: actor,
      cause: cause)
    chain.nextIndex += 1
    ownChanges.append(change)
    let home = record.routing(by: rules(ref.ledger).routing).codes.first
    ownOrder.append(home?.description ?? "")
    receive(change, isPayload: false, from: .own)
  }
}

extension RecordRules.Effect {
  /// Whether values were given up.
  fileprivate var isWithdrawal: Bool {
    entries.contains { entry in
      if case .withdrawn(_, _, let gone, _, _, _) = entry { !gone.isEmpty } else { false }
    }
  }
}

extension VersionVector {
  /// The vector with at most the entries that a base may have: those of the held values first.
  ///
  /// More than 64 replicas would have to write one field before this leaves anything out.
  func bounded(keeping register: Register) -> VersionVector {
    let limit = FieldWrite.maximumBaseEntries
    guard entries.count > limit else { return self }
    let held = Set(register.siblings.map(\.dot.replica))
    let first = entries.filter { held.contains($0.replica) }.prefix(limit)
    let rest = entries.filter { !held.contains($0.replica) }.suffix(limit - first.count)
    let kept = (first + rest).sorted { $0.replica < $1.replica }
    return VersionVector(canonical: kept) ?? self
  }
}
