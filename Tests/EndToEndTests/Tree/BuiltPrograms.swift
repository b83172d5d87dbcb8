import DaemonKit

/// The programs that were built beside these tests.
enum BuiltPrograms {
  /// The project's directory.
  static let root: String = {
    var path = #filePath
    for _ in 0..<4 { path = LocalFile.parent(of: path) }
    return path
  }()

  static let daemon = ProcessEnvironment["HUIJIAD"] ?? "\(root)/.build/release/huijiad"
  /// `HUIJIACTL` names another one, as `HUIJIAD` and `HUIJIA_LAB` do for the lab's programs.
  static let control = ProcessEnvironment["HUIJIACTL"] ?? "\(root)/.build/release/huijiactl"
  private static let lab = ProcessEnvironment["HUIJIA_LAB"] ?? "\(root)/.build/release/huijia-lab"

  /// A program that has to be built first.
  struct Missing: Error, CustomStringConvertible {
    let path: String
    var description: String { "\(path) is missing: build the products before these tests" }
  }

  /// Throws when a program is not there.
  static func check() throws {
    for path in [daemon, control, lab] where !LocalFile.isExecutable(path) {
      throw Missing(path: path)
    }
  }

  /// Runs `huijiad` to its end.
  static func runDaemon(_ arguments: [String]) throws -> Program.Outcome {
    try Program(daemon, arguments, environment: ["LC_ALL": "C.UTF-8"]).run()
  }

  /// Runs `huijia-lab` to its end.
  static func runLab(_ arguments: [String]) throws -> Program.Outcome {
    let environment = ["LC_ALL": "C.UTF-8", "HUIJIA_CONFIG": "\(root)/Config"]
    return try Program(lab, arguments, environment: environment).run()
  }

  /// Runs `huijiactl` to its end.
  static func runControl(_ arguments: [String]) throws -> Program.Outcome {
    try Program(control, arguments, environment: ["LC_ALL": "C.UTF-8"]).run()
  }
}
