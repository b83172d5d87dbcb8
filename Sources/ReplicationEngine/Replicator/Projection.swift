package import ReplicationCore
import SignedFeed

/// A stretch of the feed as it goes to one peer. Nothing has happened yet: effects come with the acknowledgement.
package struct Projection: Sendable {
  package let parcel: Parcel
  /// To be archived when the peer has acknowledged the parcel's position.
  package let archived: [ArchivedItem]
  /// Inside a long policy entry: the record to go on after; nil when the entry is done.
  package let resume: RecordRef?
}
