/// What one feed entry becomes for one peer: the payload of the link. Values are named by their dots; the proofs travel beside.
package enum Item: Hashable, Sendable {
  /// Fields of a signed change. `payload`: from a node that does not hold the record.
  case change(RecordRef, dot: Dot, fields: FieldSet, payload: Bool)
  /// Registers of a record, and the fields that the frame speaks for. `payload`: as above; else `view` is the whole view.
  case state(RecordRef, siblings: [FieldDots], view: FieldSet, payload: Bool)
  /// The receiver is to give up these fields (nil: the record).
  case withdrawal(RecordRef, fields: FieldSet?)
  /// A policy document of this epoch follows (carried beside the items).
  case policy(epoch: UInt64)

  /// The record; nil for a policy.
  package var ref: RecordRef? {
    switch self {
    case .change(let ref, _, _, _), .state(let ref, _, _, _), .withdrawal(let ref, _): ref
    case .policy: nil
    }
  }
}
