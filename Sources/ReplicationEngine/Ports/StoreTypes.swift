package import ReplicationCore
package import SignedFeed

/// What `StoreTransaction.load` found.
package struct LoadedRecords: Sendable {
  package var records: [RecordRef: Record]
  /// Records that another transaction holds.
  package var busy: Set<RecordRef>
  package init(records: [RecordRef: Record] = [:], busy: Set<RecordRef> = []) {
    self.records = records
    self.busy = busy
  }
}

/// What `StoreTransaction.outlines` found.
package struct OutlineSlice: Sendable {
  /// In key order. A record that was heard of and is not held may be left out.
  package var records: [(key: String, outline: RecordOutline)]
  /// The key to go on after; nil when the range is at its end.
  package var next: String?
  package init(_ records: [(key: String, outline: RecordOutline)], next: String?) {
    self.records = records
    self.next = next
  }
}

/// One record's unsealed writes by applications, folded.
package struct CapturedWrite: Sendable, Hashable {
  package let ref: RecordRef
  /// The written fields with their values as they stand in the sealing snapshot; empty for a deletion. `alive` is not among them.
  package let values: FieldValues
  /// The row is gone.
  package let isDeletion: Bool
  /// The row is there and was not before these writes (or was deleted and made again), or its existence was confirmed.
  package let isCreation: Bool
  /// Microseconds since 1970 UTC: the last writing transaction's time, by this machine's clock.
  package let time: Int64
  package let actor: String
  /// An older context that the application said it had read (`huijia.version`), per written field; a field that is not here: what is stored.
  package let seen: [FieldContext]

  /// What the writer vouches for, after the rest of the write.
  package let verified: [SeenValue]

  /// Whether nothing was written, and somebody only vouches for values.
  package var isWordOnly: Bool {
    !verified.isEmpty && values.entries.isEmpty && !isDeletion && !isCreation
  }

  /// A value that a person verified.
  package struct SeenValue: Sendable, Hashable {
    package let field: FieldID
    /// The dots that stood there; nil: what this write writes.
    package let dots: [Dot]?
    package init(_ field: FieldID, _ dots: [Dot]?) {
      self.field = field
      self.dots = dots
    }
  }

  /// The older context of a field; nil: what is stored.
  package func context(of field: FieldID) -> VersionVector? {
    seen.first { $0.field == field }?.context
  }

  package init(
    ref: RecordRef, values: FieldValues, isDeletion: Bool, isCreation: Bool, time: Int64,
    actor: String, seen: [FieldContext] = [], verified: [SeenValue] = []
  ) {
    self.ref = ref
    self.values = values
    self.isDeletion = isDeletion
    self.isCreation = isCreation
    self.time = time
    self.actor = actor
    self.seen = seen
    self.verified = verified
  }
}

/// Where a node's own chain stands.
package struct ChainHead: Sendable, Hashable {
  package var incarnation: UInt32
  /// The index that the next sealed change gets; begins at 1.
  package var nextIndex: UInt64
  /// Digest of the last sealed batch's header; all zero before the first.
  package var previous: Digest
  package init(incarnation: UInt32, nextIndex: UInt64, previous: Digest) {
    self.incarnation = incarnation
    self.nextIndex = nextIndex
    self.previous = previous
  }
}

/// The durable state of a link, one lane.
package struct LaneState: Sendable, Hashable {
  /// Next position of the peer's feed that this node has not processed; begins at 1.
  package var received: UInt64 = 1
  /// Next position of this node's feed that the peer has not acknowledged; begins at 1.
  package var acknowledged: UInt64 = 1
  /// The peer's own chain as far as its headers came over this link: index and digest of the last batch.
  package var peerChainIndex: UInt64 = 0
  package var peerChainDigest: Digest = .zero
  /// Receiving a catch-up by state: the feed position it began at, and the last record processed.
  package var catchUpPosition: UInt64?
  package var catchUpLast: RecordRef?
  package init() {}
}

/// The durable state of a link.
package struct LinkState: Sendable, Hashable {
  /// The peer's incarnation that the positions are about; 0 before the first hello.
  package var peerIncarnation: UInt32 = 0
  package var bulk = LaneState()
  package var urgent = LaneState()
  package init() {}

  package subscript(lane: Lane) -> LaneState {
    get { lane == .bulk ? bulk : urgent }
    set { if lane == .bulk { bulk = newValue } else { urgent = newValue } }
  }
}

/// An item that waits for its record.
package struct ParkedItem: Sendable, Hashable {
  /// 0 until the store has given one out; ascending.
  package let id: UInt64
  package let peer: NodeID
  package let item: Item
  /// How far the peer had acknowledged this node's feed when it sent the item; 0: it concerns no peer.
  package let acknowledged: UInt64
  package init(id: UInt64 = 0, peer: NodeID, item: Item, acknowledged: UInt64 = 0) {
    self.id = id
    self.peer = peer
    self.item = item
    self.acknowledged = acknowledged
  }
}

/// Values that leave this node by a withdrawal, or could not be passed up: on their way into the archive, where they are sealed.
package struct ArchivedItem: Sendable, Hashable {
  package let ref: RecordRef
  package let payload: [FieldDots]
  /// The authors' batches, pruned to these values.
  package let evidence: [SignedBatch]
  /// Where the record had gone, as far as this node saw.
  package let movedTo: DivisionCode?
  package init(
    ref: RecordRef, payload: [FieldDots], evidence: [SignedBatch] = [],
    movedTo: DivisionCode? = nil
  ) {
    self.ref = ref
    self.payload = payload
    self.evidence = evidence
    self.movedTo = movedTo
  }
}

/// Bounds of the quarantine.
package enum QuarantineLimits {
  /// Refused items that are kept of one peer: the oldest go first.
  package static let items = 10_000
}

/// Something refused, with what is needed to judge it later.
package struct QuarantinedItem: Sendable, Hashable {
  /// The peer that sent it.
  package let peer: NodeID
  package let ref: RecordRef?
  package let dot: Dot?
  /// Machine-readable kind, as in the message catalogue.
  package let code: String
  /// What happened and where; holds no value of a record.
  package let detail: String
  /// The encoded batch; nil when nothing could be decoded.
  package let proof: [UInt8]?
  package init(
    peer: NodeID, ref: RecordRef?, dot: Dot?, code: String, detail: String, proof: [UInt8]?
  ) {
    self.peer = peer
    self.ref = ref
    self.dot = dot
    self.code = code
    self.detail = detail
    self.proof = proof
  }
}

/// A signed policy or catalog.
package struct SignedDocument: Sendable, Hashable {
  package enum Kind: UInt8, Sendable, CaseIterable { case policy = 1, catalog = 2 }
  package let kind: Kind
  package let epoch: UInt64
  package let body: [UInt8]
  /// Fingerprint of the signing key.
  package let signer: Digest
  /// Over the canonical bytes of kind, epoch and body.
  package let signature: [UInt8]
  package init(
    kind: Kind, epoch: UInt64, body: [UInt8], signer: Digest, signature: [UInt8]
  ) {
    self.kind = kind
    self.epoch = epoch
    self.body = body
    self.signer = signer
    self.signature = signature
  }
}

/// A signer's certificate chain, checked when it was first seen.
package struct SignerRecord: Sendable, Hashable {
  /// SHA-256 of the raw public key.
  package let fingerprint: Digest
  package let node: NodeID
  /// DER certificates, the signer's own first, without the root.
  package let chain: [[UInt8]]
  package init(fingerprint: Digest, node: NodeID, chain: [[UInt8]]) {
    self.fingerprint = fingerprint
    self.node = node
    self.chain = chain
  }
}
