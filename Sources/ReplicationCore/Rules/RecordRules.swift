/// What receiving does to one record, exactly as the rules say; pure: a record in, a record and an effect out.
package struct RecordRules: Sendable {
  /// This node, in its present incarnation, on the lane of the ledger.
  package let own: Replica
  /// Nil at the region.
  package let parent: NodeID?
  /// The ledger's home columns.
  package let routing: [FieldID]

  package init(own: Replica, parent: NodeID?, routing: [FieldID]) {
    self.own = own
    self.parent = parent
    self.routing = routing
  }

  /// What has to happen beside the change of the record.
  package struct Effect: Sendable {
    /// To append to the feed, in this order; the first gets the position that was given in.
    package var entries: [Entry] = []
    /// To put into the hand-over archive.
    package var archived: [FieldDots] = []
    /// The record is to be written back alive.
    package var meeting: Meeting?
    /// The record is not what it was.
    package var isChanged = false
    package init() {}
  }

  /// Where the record belongs now; `isKnown` is whether this node had heard of it.
  package func routing(of record: Record, isKnown: Bool) -> Routing {
    isKnown ? record.routing(by: routing) : .neverKnown
  }
}
