package import ReplicationCore
import SignedFeed

/// A stretch of the feed as it goes to one peer. Nothing has happened yet: effects come with the acknowledgement.
package struct Projection: Sendable {
  package let parcel: Parcel
  /// What follows where one entry or one record alone is larger than a parcel: only the last moves the position.
  package let rest: [Parcel]
  /// Records of which something was left out, because no kept batch proves it.
  package let unproved: Set<RecordRef>
  /// To be archived when the peer has acknowledged the last parcel's position.
  package let archived: [ArchivedItem]
  /// Inside a long policy entry: the record to go on after; nil when the entry is done.
  package let resume: RecordRef?

  init(_ parcels: Parcels, archived: [ArchivedItem] = [], resume: RecordRef? = nil) {
    parcel = parcels.first
    rest = parcels.rest
    unproved = parcels.unproved
    self.archived = archived
    self.resume = resume
  }
}

/// Parcels that go one after another, at least one.
struct Parcels {
  var first: Parcel
  var rest: [Parcel] = []
  var unproved: Set<RecordRef> = []
}
