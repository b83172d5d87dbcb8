internal import FoundationEssentials

/// The kept inputs of one decoder: small files beside its tests. Every crasher is kept there too, named after its misfortune.
package struct Corpus: Sendable {
  /// The directory of the files.
  package let directory: String
  /// By file name, ascending.
  package let entries: [(name: String, bytes: [UInt8])]

  /// Reads the files of `Corpus/<name>` beside a test's source file.
  ///
  /// With `HUIJIA_CORPUS=write` the samples are written there first, each under its name. Throws when a directory or file cannot be read or written.
  package init(_ name: String, beside file: String, samples: [(String, [UInt8])]) throws {
    let parts = file.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let directory = parts.joined(separator: "/") + "/Corpus/\(name)"
    self.directory = directory
    let files = FileManager.default
    if ProcessInfo.processInfo.environment["HUIJIA_CORPUS"] == "write" {
      try files.createDirectory(atPath: directory, withIntermediateDirectories: true)
      for (name, bytes) in samples {
        try Data(bytes).write(to: URL(filePath: "\(directory)/\(name)"))
      }
    }
    let names = (try? files.contentsOfDirectory(atPath: directory)) ?? []
    entries = try names.sorted().map { name in
      (name, [UInt8](try Data(contentsOf: URL(filePath: "\(directory)/\(name)"))))
    }
  }
}
