import ReplicationCore

/// Comparing both ends: one question of each end is open at a time, so that neither can be made to work on many.
extension LinkMachine {
  /// Whether both ends know how to compare, and both live under a policy.
  package var mayCompare: Bool {
    maySendData && (peerHello?.versions.upperBound ?? 0) >= Self.digestVersion
      && Self.versions.upperBound >= Self.digestVersion
  }

  /// This end asks; the question's number, or nil when its last one is not answered yet or comparing is impossible.
  package mutating func asking() -> UInt64? {
    guard mayCompare, asked == nil else { return nil }
    lastAsked += 1
    asked = lastAsked
    return lastAsked
  }

  /// A question came. False: ignored, the link is closing.
  package mutating func receivedQuestion() throws(LinkRefusal) -> Bool {
    guard try isOpen("a question") else { return false }
    guard !isAnswering else {
      throw LinkRefusal(.flood, "a second question before the first was answered")
    }
    isAnswering = true
    return true
  }

  /// The peer's question is answered, and the answer about to go out.
  package mutating func answered() { isAnswering = false }

  /// An answer came. False: ignored, the link is closing.
  package mutating func receivedAnswer(_ number: UInt64) throws(LinkRefusal) -> Bool {
    guard try isOpen("an answer") else { return false }
    guard number == asked else {
      throw LinkRefusal(.unexpected, "an answer to a question that is not open", position: number)
    }
    asked = nil
    return true
  }

  /// The outcome of the peer's comparison came. False: ignored, the link is closing.
  package func receivedConclusion() throws(LinkRefusal) -> Bool { try isOpen("a conclusion") }
}
