import Governance
import ReplicationEngine

extension ControlDesk {
  /// `scope.apply`: checks, signs and puts in force a new policy, here and down the tree.
  ///
  /// Throws with exit status 4 at a node that has no policy key, 2 for a document with problems or without a higher epoch.
  func scopeApply(_ arguments: JSON) async throws -> JSON {
    guard let region = settings.governance else {
      let root = (try? policy())?.document.region
      throw OperatorError(
        .scopeNotRegion,
        ["node": "\(settings.node)", "region": root.map { "\($0)" } ?? "?"], status: .refused)
    }
    let source = Array((arguments["source"]?.text ?? "").utf8)
    let file = arguments["file"]?.text ?? "scopes.yaml"
    let former = try policy()
    let document: SignedDocument
    do {
      document = try .policy(source, catalog: former.catalog, file: file, for: region)
    } catch let problems as Problems {
      throw OperatorError(
        .scopeInvalid,
        ["file": file, "count": "\(problems.list.count)", "problems": "\(problems)"],
        status: .usage)
    }
    do {
      try await service.publish(document)
    } catch let error as DocumentNotNewer {
      throw OperatorError(
        .scopeNotNewer,
        [
          "file": file, "epoch": "\(document.epoch)", "newest": "\(error.newest)",
          "next": "\(error.newest + 1)",
        ], status: .usage)
    }
    return [
      "epoch": .integer(document.epoch), "former_epoch": .integer(former.epoch),
      "node": .string("\(settings.node)"),
    ]
  }
}
