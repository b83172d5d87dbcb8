import ReplicationCore

/// How many feed entries to ask a projection for: about as many as fit into one parcel.
///
/// Asking for too many costs: what does not fit is loaded and projected again for the next parcel.
struct EntryEstimate: Sendable {
  private static let least = 64
  private var entries: [Lane: Int] = [:]

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
}
