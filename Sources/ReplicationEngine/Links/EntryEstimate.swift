import ReplicationCore

/// How many feed entries to ask a projection for: about as many as fit into one parcel.
///
/// Asking for too many costs: what does not fit is loaded and projected again for the next parcel.
struct EntryEstimate: Sendable {
  private static let least = 64
  /// Below this a parcel holds what cannot be cut any more.
  private static let leastRoom = 4 * 1024
  private var entries: [Lane: Int] = [:]
  private var rooms: [Lane: Int] = [:]

  /// What to ask for next.
  func next(_ lane: Lane, most: Int) -> Int { min(most, entries[lane] ?? 512) }

  /// What came of it: `asked` entries, of which the parcel took `taken` in so many bytes.
  mutating func learned(_ lane: Lane, asked: Int, taken: Int, bytes: Int, of room: Int) {
    if taken < asked {
      // Cut by its bytes, or the feed's end: then the next one may be larger, and grows.
      let isFull = bytes > room / 2
      entries[lane] = isFull ? max(Self.least, taken + taken / 8) : max(Self.least, asked)
    } else if bytes < room / 2 {
      entries[lane] = min(asked * 2, 1 << 20)
    } else {
      entries[lane] = max(Self.least, asked + asked / 8)
    }
  }

  /// The bytes that a projection is told to stay within, so that its parcel, encoded, fits a frame.
  func room(_ lane: Lane, most: Int) -> Int { min(most, rooms[lane] ?? most) }

  /// A smaller room to project again with; nil when the parcel of so many bytes fits, or cannot be cut any more.
  static func smaller(_ room: Int, came bytes: Int) -> Int? {
    guard bytes > ParcelLimits.bytes, room > leastRoom else { return nil }
    return max(leastRoom, room * (ParcelLimits.targetBytes / 16) / (bytes / 16) * 9 / 10)
  }

  /// A room turned out too large; the next parcels start with the one that was not.
  mutating func shrunk(_ lane: Lane, to room: Int) { rooms[lane] = room }
}
