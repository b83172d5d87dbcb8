/// Bounds and times of links; the defaults suit a village on a slow line as well as a county.
package struct LinkSettings: Sendable, Hashable {
  /// Bytes of parcels of one lane that may be unacknowledged, in either direction.
  package var windowBytes: UInt64 = 2 << 20
  /// Bytes of a parcel, before the frame's own.
  package var parcelBytes = 200 * 1024
  /// Feed entries that one parcel may speak for.
  package var parcelEntries = 4096
  /// Bytes of received parcels that are applied in one transaction; the first is applied whatever its size.
  package var transactionBytes = 1 << 20
  /// Received parcels that are applied in one transaction.
  package var transactionParcels = 32
  /// Between heartbeats.
  package var heartbeat = Duration.seconds(5)
  /// After so many heartbeats' time without a frame the peer is taken for gone.
  package var silentHeartbeats = 4
  /// How long last words may take.
  package var closingGrace = Duration.seconds(2)
  /// Acknowledgements with no archive to write are made durable at most this often when nothing else is written.
  package var acknowledgementDelay = Duration.milliseconds(100)

  /// How long an answer of a comparison is waited for; data goes before it.
  package var answerLimit = Duration.seconds(60)
  /// What one child may send in a minute.
  package var intake = IntakeLimits()

  package init() {}
}
