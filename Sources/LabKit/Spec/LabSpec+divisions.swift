import DaemonKit
import Governance
import ReplicationCore

extension LabSpec {
  /// Reads `divisions: {file, under, counties, towns, villages}`; nil when absent or, with a problem, wrong.
  static func choice(
    _ map: ConfigMap, _ directory: String, _ problems: ConfigProblems
  ) -> DivisionChoice? {
    let keys = ["file", "under", "counties", "towns", "villages"]
    guard let divisions = map.map("divisions", keys: keys) else { return nil }
    let file = divisions.requiredText("file")
    let under = divisions.requiredText("under")
    let counties = divisions.integer("counties", in: 0...1_000)
    let towns = divisions.integer("towns", in: 0...1_000)
    let villages = divisions.integer("villages", in: 0...1_000)
    guard let file, let under else { return nil }
    guard let code = DivisionChoice.code(under.text) else {
      problems.add(line: under.line, .labDivisionUnder, ["value": under.text])
      return nil
    }
    return DivisionChoice(
      file: LocalFile.resolve(file.text, from: directory), under: code, counties: counties,
      towns: towns, villages: villages)
  }

  /// Adds the divisions that were chosen, and above them those of the policy's tiers that the file does not name.
  static func add(
    _ divisions: [Division], of choice: DivisionChoice, _ ledgers: String, _ scopes: String,
    to named: inout Named
  ) throws {
    for division in divisions {
      guard let node = NodeID(code: division.code), named[node] == nil else { continue }
      named[node] = (division.name, 0)
    }
    let document = try scopeDocument(scopes, ledgers)
    let region = choice.under.truncated(to: .region)
    guard document.region == region else {
      throw OperatorError(
        .labSpecRegion, ["scopes": "\(document.region)", "region": "\(region)"], status: .usage)
    }
    // A municipality has no cities: its policy does not name that tier, and the tree leaves it out.
    for level in document.tiers where level < choice.under.level {
      let code = choice.under.truncated(to: level)
      guard let node = NodeID(code: code), named[node] == nil, code.level == level else { continue }
      named[node] = ("\(code)", 0)
    }
  }

  private static func scopeDocument(_ scopes: String, _ ledgers: String) throws -> ScopeDocument {
    let bytes = try LocalFile.read(scopes)
    do throws(Problems) {
      return try ScopeDocument(bytes, catalog: Catalog(directory: ledgers), file: scopes)
    } catch {
      throw OperatorError(.labStepFailed, ["detail": error.description], status: .usage)
    }
  }

  /// Writes a spec for divisions of a file into a lab's directory, with ledgers, scopes and names of what lies above from `base`.
  ///
  /// Without `base`: from the sample spec whose region it is. Returns the spec's path; that of a lab which was made before has to be
  /// the same. Throws `lab-no-scopes`, `lab-other-tree`.
  package static func write(
    _ choice: DivisionChoice, base: String?, into directory: String
  ) throws -> String {
    let text = try text(of: choice, base: base)
    let path = "\(directory)/spec.yaml"
    if LocalFile.exists("\(directory)/lab.json") {
      let lab = try Lab.open(directory)
      guard LocalFile.exists(path), try LocalFile.readText(path) == text else {
        throw OperatorError(
          .labOtherTree, ["path": directory, "title": lab.plan.title], status: .usage)
      }
      return path
    }
    try LocalFile.makeDirectory(directory)
    try LocalFile.write(text, to: path)
    return path
  }

  private static func text(of choice: DivisionChoice, base: String?) throws -> String {
    let region = choice.under.truncated(to: .region)
    let spec = try base.map { try read($0) } ?? sample(of: region)
    let above = spec.nodes.filter { node in
      node.node.slug.isEmpty && node.node.code.level < choice.under.level
        && node.node.code.contains(choice.under)
    }
    var text = """
      # Written by huijia-lab from a division file.
      name: "\(choice.under)"
      ledgers: "\(spec.ledgers)"
      scopes: "\(spec.scopes)"
      residents: \(spec.residents)
      divisions:
        file: "\(LocalFile.absolute(choice.file))"
        under: "\(choice.under)"
        counties: \(choice.counties)
        towns: \(choice.towns)
        villages: \(choice.villages)

      """
    if !above.isEmpty { text += "nodes:\n" }
    for node in above { text += "  - {id: \"\(node.node)\", name: \"\(node.name)\"}\n" }
    return text
  }

  /// The first sample spec, beside the default one, of a region.
  private static func sample(of region: DivisionCode) throws -> LabSpec {
    let folder = LocalFile.parent(of: try findDefault())
    for name in LocalFile.names(in: folder).sorted() where name.hasSuffix(".yaml") {
      guard let spec = try? read("\(folder)/\(name)") else { continue }
      if spec.nodes.first?.node.code == region { return spec }
    }
    throw OperatorError(.labNoScopes, ["region": "\(region)"], status: .usage)
  }
}
