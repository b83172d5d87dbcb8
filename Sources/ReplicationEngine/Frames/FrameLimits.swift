import PeerLink

/// Bounds that the decoder holds before it looks at anything else.
package enum FrameLimits {
  /// The largest frame, as `PeerLink` has it.
  package static let frameBytes = PeerLinkLimits.frameBytes
  /// The largest encoded parcel: what is left of a frame.
  package static let parcelBytes = frameBytes - 2
  /// The longest code of a refusal or a bye.
  package static let codeBytes = 64
  /// The longest text for people; longer ones are cut when encoded.
  package static let detailBytes = 1024
  /// The longest key of a record.
  package static let keyBytes = 256
  /// The longest signature of a document.
  package static let signatureBytes = 256
  /// The largest document.
  package static let documentBytes: UInt64 = 4 << 20
  /// Body bytes of one document frame.
  package static let documentPartBytes = 128 << 10
}
