package import ReplicationCore
package import SignedFeed

/// The payload of a link, one lane: what a stretch of the sender's feed, or of its records, becomes for one peer, with the proofs.
package struct Parcel: Sendable, Hashable {
  /// Which stretch.
  package enum Span: Sendable, Hashable {
    /// Entries `from ..< next` of the sender's feed, projected. `items` may be empty: the position still moves.
    /// `from == next`: a part of one long entry; the rest follows.
    case feed(from: UInt64, next: UInt64)
    /// States of all records in view, ascending by ref. When complete, the receiver's position becomes `start`.
    /// Not complete and of no `total`: a part of one record, which follows `last`; the rest follows.
    case catchUp(start: UInt64, last: RecordRef?, done: UInt64, total: UInt64, isComplete: Bool)
  }

  package var lane: Lane
  package var span: Span
  /// The policy under which the sender projected.
  package var policyEpoch: UInt64
  package var items: [Item]
  package var evidence: [SignedBatch]
  /// Certificates of signers that the receiver may not know yet.
  package var signers: [SignerRecord]
  /// Policies that items announce.
  package var documents: [SignedDocument]

  package init(
    lane: Lane, span: Span, policyEpoch: UInt64, items: [Item] = [], evidence: [SignedBatch] = [],
    signers: [SignerRecord] = [], documents: [SignedDocument] = []
  ) {
    self.lane = lane
    self.span = span
    self.policyEpoch = policyEpoch
    self.items = items
    self.evidence = evidence
    self.signers = signers
    self.documents = documents
  }

  /// Nothing would happen at the receiver, and no position moves.
  package var isEmpty: Bool {
    if case .feed(let from, let next) = span { from == next && items.isEmpty } else { false }
  }
}

/// Limits of a parcel, checked before any signature is.
package enum ParcelLimits {
  /// Encoded, so that a frame around it stays within the link's limit.
  package static let bytes = 250 * 1024
  /// What a sender aims at.
  package static let targetBytes = 200 * 1024
  package static let items = 8192
  package static let batches = 8192
  /// Siblings of one field of one state.
  package static let siblings = 1024
  package static let signers = 256
  package static let certificates = 8
  package static let certificateBytes = 16 * 1024
  package static let documents = 4
}

/// Why a parcel is not taken in. Nothing of it takes effect, and the link ends: the peer's fault.
package struct ParcelError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Machine-readable, as in the message catalogue.
  package enum Code: String, Sendable, CaseIterable {
    case malformedParcel = "malformed_parcel"
    case oversizedParcel = "oversized_parcel"
    case badBatch = "bad_batch"
    case brokenChain = "broken_chain"
    case unknownSigner = "unknown_signer"
    case foreignSigner = "foreign_signer"
    case wrongLane = "wrong_lane"
    case missingEvidence = "missing_evidence"
    case withdrawalFromBelow = "withdrawal_from_below"
    case gapInFeed = "gap_in_feed"
    case unknownPolicy = "unknown_policy"
    case unknownCatalog = "unknown_catalog"
    case aheadOfFeed = "ahead_of_feed"
  }

  package let code: Code
  /// What happened, where, to which record; holds no value of a record.
  package let detail: String

  package init(_ code: Code, _ detail: String) {
    self.code = code
    self.detail = detail
  }

  package var description: String { "\(code.rawValue): \(detail)" }
}
