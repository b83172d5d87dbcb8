/// Why a link ends: the other end's fault, or a state that a person must mend.
package struct LinkRefusal: Error, Sendable, Hashable {
  /// What kind of wrong it is; travels as its text.
  package enum Code: String, Sendable, CaseIterable {
    /// No protocol version is spoken by both ends.
    case unknownProtocol = "unknown_protocol"
    /// The name in the hello is not the name in the certificate.
    case wrongIdentity = "wrong_identity"
    /// The peer is neither this node's parent nor its child.
    case notRelated = "not_related"
    /// One end holds more of the other's feed than the other has: that one was restored from a backup.
    case restored
    /// Bytes that are no frame, or no parcel.
    case malformed
    /// A frame above the limit.
    case oversized
    /// A frame of a kind that is reserved.
    case unsupported
    /// A legal frame at a time when it is illegal.
    case unexpected
    /// Data that was processed before.
    case replayed
    /// Data that does not follow what came before it.
    case outOfOrder = "out_of_order"
    /// More unacknowledged data than this end takes.
    case flood
    /// A signature, chain or proof that does not hold.
    case forged
    /// A policy or catalog that the region did not sign, or that cannot be read.
    case documentRefused = "document_refused"
    /// Data before a policy.
    case noPolicy = "no_policy"
    /// An operator holds the link.
    case paused
  }

  package var code: Code
  /// For operators: what happened and where; no value of a record.
  package var detail: String
  /// The feed position, index or byte offset that it is about; 0 when there is none.
  package var position: UInt64

  package init(_ code: Code, _ detail: String, position: UInt64 = 0) {
    self.code = code
    self.detail = detail
    self.position = position
  }
}
