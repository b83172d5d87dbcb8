import ReplicationCore
import Synchronization

extension LinkSession {
  /// How a peer stands to a plan.
  enum PlanReach: Sendable, Hashable {
    case told, tooOld, notLive
  }

  /// Sends frames of a plan when nothing else is to be sent.
  func tell(_ frames: [PlanFrame]) -> PlanReach {
    let encoded = frames.map { Frame.plan($0).encoded() }
    let reach = live.withLock { live -> PlanReach in
      guard live.isReady, live.end == nil, let machine = live.machine, machine.phase == .live else {
        return .notLive
      }
      guard machine.mayPlan else { return machine.maySendData ? .tooOld : .notLive }
      live.later += encoded
      return .told
    }
    if reach == .told { sendWake.signal() }
    return reach
  }

  /// A frame of a plan.
  func handle(_ plan: PlanFrame) throws(LinkRefusal) {
    let isTaken = try onMachine { machine throws(LinkRefusal) in try machine.received(plan) }
    guard isTaken else { return }
    switch plan {
    case .question(let part): try context.events.asked(part, by: peer)
    case .report(let report): try context.events.told(report, by: peer)
    }
  }
}
