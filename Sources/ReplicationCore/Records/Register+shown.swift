extension Register {
  /// The sibling whose value is shown; nil when the register is not held.
  ///
  /// Highest rank, then latest time, then greatest dot. Of a routing field the earliest time: nobody gains a view by claiming last.
  package func shown(isRouting: Bool = false) -> Sibling? {
    guard var best = siblings.first else { return nil }
    for sibling in siblings.dropFirst() where sibling.outranks(best, isRouting: isRouting) {
      best = sibling
    }
    return best
  }

  /// Gives every sibling that came with this register the side it came from.
  package func from(_ side: Side) -> Register {
    var result = self
    for i in result.siblings.indices { result.siblings[i].side = side }
    return result
  }
}

extension Sibling {
  /// Whether this value is shown rather than the other.
  func outranks(_ other: Sibling, isRouting: Bool) -> Bool {
    if rank != other.rank { return rank > other.rank }
    if time != other.time { return isRouting ? time < other.time : time > other.time }
    return other.dot < dot
  }
}
