/// Plans: the question comes down, reports come up, and a child tells only of itself and of what is below it.
extension LinkMachine {
  /// Whether the peer understands plans, and both live under a policy.
  package var mayPlan: Bool {
    maySendData && (peerHello?.versions.upperBound ?? 0) >= Self.planVersion
  }

  /// A frame of a plan came. False: ignored, the link is closing.
  package func received(_ plan: PlanFrame) throws(LinkRefusal) -> Bool {
    switch plan {
    case .question:
      guard try isOpen("a plan") else { return false }
      guard role == .parent else {
        throw LinkRefusal(.unexpected, "a plan from a child: policies only come down")
      }
    case .report(let report):
      guard try isOpen("a report of a plan") else { return false }
      guard role == .child else {
        throw LinkRefusal(.unexpected, "a report of a plan from the parent: only children report")
      }
      guard report.node == peer || peer.mayBeParent(of: report.node), report.keepsToItsPlace else {
        throw LinkRefusal(
          .unexpected, "a report of a plan about \(report.node), which is not below \(peer)")
      }
    }
    return true
  }
}
