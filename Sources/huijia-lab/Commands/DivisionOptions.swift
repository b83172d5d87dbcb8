import ArgumentParser
import DaemonKit
import LabKit

/// A tree of any size from a file of division codes.
struct DivisionOptions: ParsableArguments {
  @Option(
    name: .customLong("divisions"),
    help: "Make the tree from this file of division codes (columns code12 and name).")
  var file: String?
  @Option(help: "With --divisions: the division at the tree's top, such as 500118.")
  var under: String?
  @Option(help: "With --divisions: how many counties, when --under is above them.")
  var counties: Int?
  @Option(help: "With --divisions: how many towns in each county.")
  var towns: Int?
  @Option(help: "With --divisions: how many villages in each town.")
  var villages: Int?

  func validate() throws {
    let others = [under != nil, counties != nil, towns != nil, villages != nil]
    guard file != nil else {
      if others.contains(true) {
        throw ValidationError("--under, --counties, --towns and --villages need --divisions.")
      }
      return
    }
    guard let under else { throw ValidationError("--divisions needs --under.") }
    guard DivisionChoice.code(under) != nil else {
      throw ValidationError("--under is a division code of 2, 4, 6, 9 or 12 digits.")
    }
    for number in [counties, towns, villages] {
      if let number, !(0...1_000).contains(number) {
        throw ValidationError("--counties, --towns and --villages are between 0 and 1000.")
      }
    }
  }

  /// The spec to use: `base` without `--divisions`, else one written into the lab's directory with `base`'s ledgers and scopes.
  func spec(base: String?, into directory: String) throws -> String? {
    guard let file, let code = under.flatMap({ DivisionChoice.code($0) }) else { return base }
    let choice = DivisionChoice(
      file: file, under: code, counties: counties, towns: towns, villages: villages)
    return try LabSpec.write(choice, base: base, into: LocalFile.absolute(directory))
  }
}
