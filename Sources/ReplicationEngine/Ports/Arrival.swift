package import ReplicationCore

/// What came home: fields of one record that one change elsewhere wrote, received from the parent and shown here since.
package struct Arrival: Sendable, Hashable {
  /// What the arrival did to the record.
  package enum Kind: UInt8, Sendable, CaseIterable {
    /// Another tier changed a record that is shown here.
    case edit = 1
    /// The record was not held here before: it moved here, or another tier made it.
    case new = 2
    /// What this node had held and lost came back.
    case returned = 3
    /// Another tier deleted the record.
    case deleted = 4
    /// A record that this node had registered was taken from it: another registration of the same key came first, or a node above moved its
    /// home. `dot` is the registration; its values are kept above.
    case left = 5
  }

  package let ref: RecordRef
  /// The fields whose shown values changed; of a deletion, and of what left, `alive`.
  package let fields: FieldSet
  package let kind: Kind
  /// The change that wrote them.
  package let dot: Dot
  /// When it was written: microseconds since 1970 UTC, by its author's corrected clock.
  package let time: Int64
  /// The person it was written for; empty when no person is known.
  package let actor: String
  /// The link that it came over.
  package let peer: NodeID
  /// When it was applied here: microseconds since 1970 UTC, by this machine's clock.
  package let at: Int64

  package init(
    ref: RecordRef, fields: FieldSet, kind: Kind, dot: Dot, time: Int64, actor: String,
    peer: NodeID, at: Int64
  ) {
    self.ref = ref
    self.fields = fields
    self.kind = kind
    self.dot = dot
    self.time = time
    self.actor = actor
    self.peer = peer
    self.at = at
  }
}
