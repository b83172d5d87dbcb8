package import ReplicationCore

/// Why bytes are not a batch, or why a batch is not believed. It never holds a value of a record.
package struct FeedError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kind of fault; the raw value is the machine-readable code.
  package enum Kind: String, Sendable, CaseIterable {
    /// The bytes end before the structure does.
    case truncated = "feed.truncated"
    /// Bytes follow the end of the structure.
    case trailing = "feed.trailing"
    /// A number, a size or a count is above its bound.
    case tooLarge = "feed.too_large"
    /// The bytes say something that has another, canonical encoding.
    case notCanonical = "feed.not_canonical"
    /// The bytes are no encoding of anything.
    case malformed = "feed.malformed"
    /// A text is not UTF-8, or has a NUL, which PostgreSQL cannot hold.
    case badText = "feed.bad_text"
    /// A version, suite or tag of a later format.
    case unsupported = "feed.unsupported"
    /// A change names an index outside its batch, or one that another change has.
    case badIndex = "feed.bad_index"
    /// A base claims to have seen the very write it belongs to, or a later one.
    case badBase = "feed.bad_base"
    /// No key is known by the signer's fingerprint.
    case unknownSigner = "feed.unknown_signer"
    /// The key belongs to another node or incarnation than the replica, or to another suite.
    case wrongSigner = "feed.wrong_signer"
    /// The key was revoked before this batch.
    case revoked = "feed.revoked"
    /// The signature is not over these header bytes.
    case badSignature = "feed.bad_signature"
    /// A masked value that its masking node did not sign.
    case badMask = "feed.bad_mask"
    /// The changes are not those that the header was signed for.
    case wrongRoot = "feed.wrong_root"
    /// Two copies of one batch say different things.
    case contradiction = "feed.contradiction"
    /// Changes that cannot be sealed as they were given.
    case cannotSeal = "feed.cannot_seal"
  }

  package let kind: Kind
  /// What was found, in English, without any value.
  package let detail: String
  /// Byte offset into what was being decoded; nil when the fault is in no single place.
  package let offset: Int?
  /// Whose batch it is; nil while that is not known.
  package var replica: Replica?
  /// The change; nil when the fault is not in one.
  package var index: UInt64?

  package init(
    _ kind: Kind, _ detail: String, offset: Int? = nil, replica: Replica? = nil,
    index: UInt64? = nil
  ) {
    self.kind = kind
    self.detail = detail
    self.offset = offset
    self.replica = replica
    self.index = index
  }

  /// The machine-readable code, such as `feed.bad_signature`.
  package var code: String { kind.rawValue }

  /// Code, detail and place in one line.
  package var description: String {
    var text = "\(code): \(detail)"
    if let replica { text += ", batch of \(replica)" }
    if let index { text += ", change \(index)" }
    if let offset { text += ", at byte \(offset)" }
    return text
  }
}
