/// Whether a node may sign: it must know that the database remembers all that this node ever gave out.
package enum SealingRight: String, Sendable, Hashable {
  /// It may.
  case granted
  /// There is no high-water file: the parent's hello tells whether more is known above.
  case waitingForParent = "waiting_for_parent"
  /// There is no high-water file and no parent: the first child's hello tells, or `rootPatience` runs out.
  case waitingForChild = "waiting_for_child"
  /// A new incarnation is being begun.
  case renumbering
}
