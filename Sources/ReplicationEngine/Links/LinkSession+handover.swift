import ReplicationCore
import Synchronization

extension LinkSession {
  /// Queues this node's hand-over key: it goes before any parcel.
  func tellHandoverKey() {
    guard let key = context.events.handoverKey else { return }
    enqueue(.handoverKey(key))
  }

  /// Asks the parent about values in the archive; false when the link is not live.
  func ask(_ inquiry: HandoverInquiry) -> Bool { enqueue(.inquiry(inquiry)) }

  /// A frame about hand-overs: the peer's key, a child's questions, the parent's answers.
  func handle(handover frame: Frame) async throws {
    let isTaken = try onMachine { machine throws(LinkRefusal) in
      try machine.received(handover: frame)
    }
    guard isTaken else { return }
    switch frame {
    case .handoverKey(let key): try await context.events.learned(key, from: peer)
    case .inquiry(let inquiry):
      enqueue(.answer(try await context.events.asked(inquiry, by: peer)))
    case .answer(let answer): try await context.events.answered(answer, by: peer)
    default: break
    }
  }

  @discardableResult
  private func enqueue(_ frame: Frame) -> Bool {
    let isOpen = live.withLock { live in
      guard live.end == nil, live.machine?.phase == .live else { return false }
      live.frames.append(frame.encoded())
      return true
    }
    if isOpen { sendWake.signal() }
    return isOpen
  }
}
