import DaemonKit

extension LabSpec {
  /// The spec that is used when none is named.
  package static let defaultPath = "lab/nanning.yaml"

  /// Finds the default spec.
  package static func findDefault() throws -> String { try find(defaultPath) }

  /// Finds a spec that comes with the program: in `HUIJIA_CONFIG`, `Config` in the working directory or above this program, or where packages install it.
  ///
  /// Throws `lab-spec-missing`.
  package static func find(_ relative: String) throws -> String {
    var folders = [ProcessEnvironment["HUIJIA_CONFIG"], "\(LocalFile.workingDirectory)/Config"]
    var above = LocalFile.executable.map { LocalFile.parent(of: $0) }
    while let folder = above, folder != "/" {
      folders.append("\(folder)/Config")
      above = LocalFile.parent(of: folder)
    }
    folders += ["/usr/share/huijia", "/etc/huijia"]
    for case let folder? in folders {
      let path = "\(folder)/\(relative)"
      if LocalFile.exists(path) { return path }
    }
    throw OperatorError(.labSpecMissing, ["path": relative], status: .usage)
  }
}
