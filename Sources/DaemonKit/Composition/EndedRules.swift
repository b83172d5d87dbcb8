import Governance
import Logging
import ReplicationEngine

/// At the region's own node: ends the rules whose last day has passed, by putting the same policy in force without them.
struct EndedRules {
  let settings: NodeSettings.Governance
  let governance: GovernanceDesk
  let service: NodeService
  let log: Logger

  /// How often the day is looked at.
  private static let pause: Duration = .seconds(5)

  /// Looks until it is cancelled.
  func run() async {
    // What could not be ended is said once, not at every look.
    var told: UInt64 = 0
    while !Task.isCancelled {
      if let policy = governance.current, policy.epoch != told {
        do {
          try await end(policy, by: CalendarDay(inChinaAt: wallClock()))
        } catch {
          told = policy.epoch
          await tell(policy, error)
        }
      }
      try? await Task.sleep(for: Self.pause)
    }
  }

  /// Signs and publishes the next epoch when rules have ended; does nothing otherwise. Throws why it could not.
  private func end(_ policy: CompiledPolicy, by day: CalendarDay) async throws {
    let ended = policy.document.ended(by: day)
    guard !ended.isEmpty else { return }
    guard let text = PolicyRenewal.text(of: policy, asOf: day) else {
      throw OperatorError(.scopeNotRenewed, ["epoch": "\(policy.epoch)"], status: .usage)
    }
    let document = try SignedDocument.policy(
      text, catalog: policy.catalog, file: settings.scopes, for: settings)
    log.notice(
      "rules have ended",
      metadata: ["rules": "\(ended.map(\.label).joined(separator: ", "))", "as_of": "\(day)"])
    try await service.publish(document)
  }

  private func tell(_ policy: CompiledPolicy, _ error: any Error) async {
    let labels = policy.document.ended(by: CalendarDay(inChinaAt: wallClock())).map(\.label)
    let detail =
      "the last day of \(labels.joined(separator: ", ")) has passed, and the policy of epoch \(policy.epoch) is still in force: "
      + "\(error); take the rules out and put the next epoch in force: huijiactl scope apply"
    let alarm = Alarm(.rulesOutlived, peer: nil, detail: detail, at: wallClock())
    do { try await service.raise(alarm) } catch {
      log.error("an alarm could not be kept", metadata: ["reason": "\(error)"])
    }
  }
}
