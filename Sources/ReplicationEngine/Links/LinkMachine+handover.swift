extension LinkMachine {
  /// A frame about hand-overs came. False: ignored, the link is closing. Questions come up the tree, answers go down.
  package func received(handover frame: Frame) throws(LinkRefusal) -> Bool {
    switch frame {
    case .handoverKey(let key):
      guard try isOpen("a hand-over key") else { return false }
      guard key.node == peer else {
        throw LinkRefusal(.forged, "\(peer) told a hand-over key of \(key.node)")
      }
    case .inquiry:
      guard try isOpen("a hand-over inquiry") else { return false }
      guard role == .child else {
        throw LinkRefusal(.unexpected, "a hand-over inquiry from the parent: only children ask")
      }
    case .answer:
      guard try isOpen("a hand-over answer") else { return false }
      guard role == .parent else {
        throw LinkRefusal(.unexpected, "a hand-over answer from a child: only the parent answers")
      }
    default: return false
    }
    return true
  }
}
