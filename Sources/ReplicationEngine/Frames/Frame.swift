package import ReplicationCore
package import SignedFeed

/// One message of the link. `docs/PROTOCOL.md` gives its bytes.
package enum Frame: Sendable, Hashable {
  /// The first frame of each end: who I am and where I stand.
  case hello(Hello)
  /// An encoded `Parcel`: data of one lane.
  case parcel([UInt8])
  /// The lane's next `parcels` parcels are durably processed, and with them all of its feed below `next`; also ends a catch-up by state.
  case acknowledgement(lane: Lane, parcels: UInt64, next: UInt64)
  /// The lane's next `parcels` parcels, states of a catch-up up to and with `last`, are durably processed.
  case catchUpAcknowledgement(lane: Lane, parcels: UInt64, last: RecordRef)
  /// This end will not go on with the link, and why.
  case refusal(LinkRefusal)
  /// I am here; sent when nothing else was for a while.
  case heartbeat(Heartbeat)
  /// A piece of a signed policy or catalog, from a parent to its child.
  case document(DocumentPart)
  /// This end closes in order, without fault.
  case bye(Bye)
  /// The sender's key for hand-overs.
  case handoverKey(HandoverKey)
  /// A child asks whether values that it gave up are safe.
  case inquiry(HandoverInquiry)
  /// The parent's answer.
  case answer(HandoverAnswer)
  /// A comparison of both ends by digest; only to a peer that speaks version 2 of the protocol.
  case digest(DigestFrame)
  /// What a planned policy would change: the question down the tree, the counts up; only to a peer that speaks version 3 of the protocol.
  case plan(PlanFrame)

  /// The version of the frames' form: the first byte of each.
  package static let version: UInt8 = 1

  /// The second byte of a frame.
  package enum Tag: UInt8, Sendable, CaseIterable {
    case hello = 1
    case parcel = 2
    case acknowledgement = 3
    case catchUpAcknowledgement = 4
    case refusal = 5
    case heartbeat = 6
    case document = 7
    case bye = 8
    case digest = 9
    case handoverKey = 10
    /// An inquiry or an answer: a flag tells which.
    case handover = 11
    case plan = 12
  }

  /// The frame's kind.
  package var tag: Tag {
    switch self {
    case .hello: .hello
    case .parcel: .parcel
    case .acknowledgement: .acknowledgement
    case .catchUpAcknowledgement: .catchUpAcknowledgement
    case .refusal: .refusal
    case .heartbeat: .heartbeat
    case .document: .document
    case .bye: .bye
    case .handoverKey: .handoverKey
    case .inquiry, .answer: .handover
    case .digest: .digest
    case .plan: .plan
    }
  }
}

/// A sign of life.
package struct Heartbeat: Sendable, Hashable {
  /// Microseconds since 1970 UTC by the sender's clock.
  package var clock: Int64
  /// How many committed writes the sender has not sealed; a hint for people.
  package var unsealed: UInt64
  /// The sender's epochs, so that the peer knows when data may flow.
  package var policyEpoch: UInt64
  package var catalogEpoch: UInt64

  package init(clock: Int64, unsealed: UInt64, policyEpoch: UInt64, catalogEpoch: UInt64) {
    self.clock = clock
    self.unsealed = unsealed
    self.policyEpoch = policyEpoch
    self.catalogEpoch = catalogEpoch
  }
}

/// An orderly end of the link.
package struct Bye: Sendable, Hashable {
  /// Machine-readable: `stopping`, `replaced`, `paused`.
  package var code: String
  /// For people: what happens next.
  package var hint: String

  package init(code: String, hint: String) {
    self.code = code
    self.hint = hint
  }
}

/// A piece of a signed document: documents may be larger than a frame. Only a policy can be a former one.
package struct DocumentPart: Sendable, Hashable {
  package var kind: SignedDocument.Kind
  /// A policy of a former epoch: what was written under it is judged by it, and it never becomes the one in force.
  package var isFormer: Bool
  package var epoch: UInt64
  /// Fingerprint of the signing key.
  package var signer: Digest
  package var signature: [UInt8]
  /// Bytes of the whole body.
  package var total: UInt64
  /// Where these bytes begin in the body; parts come in order, without gaps.
  package var offset: UInt64
  package var bytes: [UInt8]

  package init(
    kind: SignedDocument.Kind, isFormer: Bool = false, epoch: UInt64, signer: Digest,
    signature: [UInt8], total: UInt64, offset: UInt64, bytes: [UInt8]
  ) {
    self.kind = kind
    self.isFormer = isFormer
    self.epoch = epoch
    self.signer = signer
    self.signature = signature
    self.total = total
    self.offset = offset
    self.bytes = bytes
  }
}
