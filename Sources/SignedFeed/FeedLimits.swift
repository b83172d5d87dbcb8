/// Bounds that are checked before any signature is, so that an unknown sender costs little.
package enum FeedLimits {
  /// An encoded batch in bytes, and what it could grow to under the worst pruning: a frame of the link must hold it.
  package static let batchBytes = 256 * 1024
  /// An encoded batch with the words of masking nodes, which are not the author's, in bytes.
  package static let maskedBatchBytes = 2 * 1024 * 1024
  /// What a sealed batch may grow to under the worst pruning, in bytes; the rest of a frame is left to the link.
  package static let sealedBytes = 224 * 1024
  /// Changes in a batch.
  package static let changes = 4096
  /// Written fields in a change.
  package static let fields = 63
  /// Entries in a base.
  package static let baseEntries = 64
  /// A record's key in bytes.
  package static let keyBytes = 256
  /// An actor's name in bytes.
  package static let actorBytes = 256
  /// A value's content in bytes.
  package static let valueBytes = 64 * 1024
  /// Dots that a `restore` names.
  package static let causeDots = 64
  /// Entries in a `deleted` or `verified` value.
  package static let valueEntries = 4096
  /// An incarnation: there is always a next one.
  package static let incarnation = UInt64(Int32.max)
  /// Levels of a Merkle tree below its root; 4096 changes need twelve.
  package static let treeDepth = 16
  /// A signature in bytes.
  package static let signatureBytes = 256
  /// A header in bytes.
  package static let headerBytes = 512
  /// Bytes of a salt, and of the seed that a change's salts are made of.
  package static let saltBytes = 16
}
