import FoundationEssentials
import Governance
import PostgresStore
import ReplicationCore
import ReplicationEngine
import SignedFeed

extension ControlDesk {
  /// `handover.list`: what left this node and is not known to be safe, oldest first.
  func handoverList(_ arguments: JSON) async throws -> JSON {
    let limit = Int(min(max(arguments["limit"]?.integer ?? 1000, 1), 10_000))
    let after = UInt64(max(arguments["after"]?.integer ?? 0, 0))
    let items = try await store.read { try $0.archived(.open(after: after, limit: limit)) }
    return .array(try items.map(document))
  }

  private func document(_ item: HandoverItem) throws -> JSON {
    let ledger = try policy().catalog[item.ref.ledger]
    let fields = item.payload.map { ledger?.name(of: $0.field) ?? "\($0.field)" }
    return [
      "id": .integer(item.id),
      "ledger": .string(ledger?.name ?? "\(item.ref.ledger)"),
      "key": .string(item.ref.key),
      "fields": .array(fields.map { .string($0) }),
      "since": .string(Timestamp(item.since).description),
      "moved_to": .optional(item.movedTo?.description),
      "sealed_to": .optional(item.recipient?.description),
      "reason": .string(item.reason),
      "asked": .integer(item.asked),
      "exported": .bool(item.isExported),
    ]
  }

  /// `handover.export`: a signed file of sealed rows, for the node that they are sealed to.
  func handoverExport(_ arguments: JSON) async throws -> JSON {
    let ids = try await openItems(arguments)
    let first = ids.first?.recipient
    var items: [HandoverBundle.Item] = []
    for item in ids {
      guard case .sealed(let node, let box) = item.content, node == first else {
        throw OperatorError(
          .handoverNotSealed, ["id": "\(item.id)", "parent": "\(first ?? settings.node)"],
          status: .checkFailed)
      }
      items.append(
        HandoverBundle.Item(
          ref: item.ref, payload: item.payload, movedTo: item.movedTo, box: box))
    }
    let authors = Set(ids.flatMap(\.payload).flatMap(\.dots).map(\.replica.node))
    let own = secrets.own
    let signers = try await store.read { tx in
      try tx.signers().filter { authors.contains($0.node) && $0.fingerprint != own.fingerprint }
    }
    let bundle = try HandoverBundle(
      from: settings.node, to: first ?? settings.node, items, signers: signers + [own],
      made: now(), signedBy: secrets.signer)
    return try document(bundle)
  }

  /// `handover.exported`: the file of `handover.export` is written.
  func handoverExported(_ arguments: JSON) async throws -> JSON {
    let exported = try await openItems(arguments).map(\.id)
    try await store.write { try $0.noteExported(exported) }
    return ["exported": .integer(exported.count)]
  }

  /// `handover.forward`: the same values sealed to a neighbour of this node; nothing of them is kept here.
  func handoverForward(_ arguments: JSON) async throws -> JSON {
    let bundle = try bundle(arguments)
    let text = arguments["to"]?.text ?? ""
    guard let node = NodeID(text) else {
      throw OperatorError(.nodeMalformed, ["node": text], status: .usage)
    }
    guard let key = try await store.read({ try $0.handoverKey(of: node) }) else {
      throw OperatorError(
        .handoverKeyUnknown, ["node": text, "own": "\(settings.node)"], status: .usage)
    }
    let values = try opened(bundle)
    return try document(
      try bundle.forwarded(
        values, from: settings.node, to: key, own: secrets.own, made: now(),
        signedBy: secrets.signer))
  }

  /// `handover.import`: takes the values into records that are here; they go on by the ordinary feed.
  func handoverImport(_ arguments: JSON) async throws -> JSON {
    let catalog = try policy().catalog
    let bundle = try bundle(arguments)
    let values = try opened(bundle)
    for value in values where catalog[value.ref.ledger] == nil {
      throw OperatorError(
        .handoverLedgerUnknown, ["ledger": "\(value.ref.ledger)", "epoch": "\(catalog.epoch)"],
        status: .checkFailed)
    }
    guard let engine = service.engine else {
      throw OperatorError(.noPolicyYet, ["node": "\(settings.node)"], status: .unreachable)
    }
    let moment = service.moment
    let records = bundle.signers
    let (outcome, heads) = try await store.write { tx in
      for signer in records { try tx.keepSigner(signer) }
      return (try engine.takeIn(values, at: moment, in: tx), try FeedHeads(in: tx))
    }
    signers.load(records)
    service.feedGrew(heads)
    func names(_ refs: [RecordRef]) -> JSON {
      .array(
        refs.map { ref in
          ["ledger": .optional(catalog[ref.ledger]?.name), "key": .string(ref.key)]
        })
    }
    return [
      "from": .string("\(bundle.sender)"),
      "taken": names(outcome.taken), "known": names(outcome.known),
      "absent": names(outcome.absent), "outside": names(outcome.outside),
      "refused": names(outcome.refused), "waiting": names(outcome.waiting),
    ]
  }

  /// `handover.confirm`: the operator says that values arrived (or, with `discard`, that they are not wanted): they go.
  func handoverConfirm(_ arguments: JSON) async throws -> JSON {
    let items = try await openItems(arguments)
    if arguments["discard"]?.bool != true, let item = items.first(where: { !$0.isExported }) {
      throw OperatorError(.handoverNotExported, ["id": "\(item.id)"], status: .checkFailed)
    }
    let ids = items.map(\.id)
    try await store.write { try $0.settleArchived(ids) }
    return ["settled": .integer(ids.count)]
  }

  /// The open rows that the arguments name. Throws when one is not open, or none is named.
  private func openItems(_ arguments: JSON) async throws -> [HandoverItem] {
    let ids = (arguments["ids"]?.elements ?? []).compactMap(\.integer).map(UInt64.init(clamping:))
    let items = try await store.read { try $0.archived(.ids(ids)) }
      .filter { $0.content != .settled }
    for id in ids where !items.contains(where: { $0.id == id }) {
      throw OperatorError(.handoverUnknown, ["id": "\(id)"], status: .checkFailed)
    }
    guard !items.isEmpty else {
      throw OperatorError(.handoverUnknown, ["id": "-"], status: .usage)
    }
    return items
  }

  private func document(_ bundle: HandoverBundle) throws -> JSON {
    let bytes = bundle.encoded()
    guard bytes.count <= HandoverBundle.maximumBytes else {
      throw OperatorError(
        .handoverTooLarge,
        ["bytes": "\(bytes.count)", "limit": "\(HandoverBundle.maximumBytes)"], status: .usage)
    }
    return [
      "from": .string("\(bundle.sender)"), "to": .string("\(bundle.recipient)"),
      "records": .integer(Set(bundle.items.map(\.ref)).count), "bytes": .integer(bytes.count),
      "bundle": .string(Data(bytes).base64EncodedString()),
    ]
  }

  private func bundle(_ arguments: JSON) throws -> HandoverBundle {
    let text = arguments["bundle"]?.text ?? ""
    let bytes = Data(base64Encoded: text).map { [UInt8]($0) } ?? []
    return try faults { () throws(HandoverFault) in
      try HandoverBundle(decoding: bytes, by: signers.authority)
    }
  }

  private func opened(_ bundle: HandoverBundle) throws -> [HandedValues] {
    try faults { () throws(HandoverFault) in
      try bundle.open(as: settings.node, secrets.sealing, by: signers.authority)
    }
  }

  private func faults<T>(_ body: () throws(HandoverFault) -> T) throws -> T {
    do throws(HandoverFault) {
      return try body()
    } catch {
      switch error {
      case .damaged(let detail):
        throw OperatorError(.handoverDamaged, ["detail": detail], status: .checkFailed)
      case .unknownSigner(let node):
        throw OperatorError(.handoverSignerUnknown, ["node": "\(node)"], status: .checkFailed)
      case .wrongReceiver(let node):
        throw OperatorError(
          .handoverWrongReceiver, ["node": "\(settings.node)", "receiver": "\(node)"],
          status: .usage)
      case .otherKey:
        throw OperatorError(
          .handoverOtherKey, ["node": "\(settings.node)"], status: .checkFailed)
      }
    }
  }
}

extension HandoverItem {
  /// To whom the values are sealed; nil while no key was heard.
  var recipient: NodeID? { if case .sealed(let node, _) = content { node } else { nil } }

  /// Why the row is open still.
  var reason: String {
    if recipient == nil { return "no_key_yet" }
    if !isAskable { return "parent_may_not_see" }
    return asked == 0 ? "not_asked_yet" : "not_confirmed"
  }
}
