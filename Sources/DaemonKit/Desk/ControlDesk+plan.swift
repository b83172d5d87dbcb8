import Governance
import ReplicationCore
import ReplicationEngine

extension ControlDesk {
  /// `scope.plan`: what a policy would change, asked of all nodes; documents of progress, `{"progress": …}`, and at the end one with all.
  ///
  /// Signs nothing and puts nothing in force. Throws with exit status 4 at a node that is not the region's, 2 for a document with problems,
  /// 3 when a plan is under way.
  func scopePlan(_ arguments: JSON, each: @escaping @Sendable (JSON) -> Void) async throws {
    let former = try policy()
    guard settings.governance != nil else {
      throw OperatorError(
        .planNotRegion,
        ["node": "\(settings.node)", "region": "\(former.document.region)"], status: .refused)
    }
    let file = arguments["file"]?.text ?? "scopes.yaml"
    let source = Array((arguments["source"]?.text ?? "").utf8)
    let reading = try PolicyReading(file: file, source: source, day: nil)
    let candidate: CompiledPolicy
    do throws(Problems) {
      candidate = try effective(source, file: file, former.catalog)
    } catch {
      throw OperatorError(
        .planInvalid, ["file": file, "count": "\(error.list.count)", "problems": "\(error)"],
        status: .usage)
    }
    let patience = Duration.seconds(min(max(arguments["wait"]?.integer ?? 60, 1), 3600))
    do {
      let board = try await service.plan(candidate.bytes, patience: patience) { board in
        each([
          "progress": [
            "answered": .integer(board.answered), "known": .integer(board.nodes.count),
            "looked": .integer(board.looked),
          ]
        ])
      }
      let document = PlanDocument(board: board, former: former, candidate: candidate)
      each(
        .object(
          [
            .init("file", .string(file)), .init("node", .string("\(settings.node)")),
            .init("epoch", .integer(candidate.epoch)),
            .init("policy_epoch", .integer(former.epoch)),
          ] + document.members
            + [.init("problems", reading.check(against: former.catalog))]))
    } catch let failure as PlanFailure {
      throw OperatorError(
        .planNotAsked, ["node": "\(settings.node)", "reason": failure.rawValue],
        status: .unreachable)
    }
  }

  /// A policy as it will be in force: without the rules that end by themselves today.
  private func effective(
    _ source: [UInt8], file: String, _ catalog: Catalog
  ) throws(Problems) -> CompiledPolicy {
    let policy = try CompiledPolicy(source, catalog: catalog, file: file)
    let today = CalendarDay(inChinaAt: now())
    guard !policy.document.ended(by: today).isEmpty,
      let renewed = PolicyRenewal.text(of: policy, asOf: today)
    else { return policy }
    return try CompiledPolicy(renewed, catalog: catalog, file: file)
  }
}
