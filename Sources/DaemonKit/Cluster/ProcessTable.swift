import Glibc

/// The processes of this machine, as the kernel lists them.
package enum ProcessTable {
  /// A process and the words of its command line.
  package struct Entry: Sendable {
    package let identity: ProcessIdentity
    package let words: [String]
  }

  /// Whether any process that we may look at has this working directory.
  package static func isWorking(in directory: String) -> Bool {
    LocalFile.names(in: "/proc").contains { name in
      pid_t(name) != nil && LocalFile.linkTarget("/proc/\(name)/cwd") == directory
    }
  }

  /// All running processes whose command line can be read.
  package static func read() -> [Entry] {
    LocalFile.names(in: "/proc").compactMap { name in
      guard let process = pid_t(name), let identity = ProcessIdentity(of: process),
        let bytes = try? LocalFile.read("/proc/\(name)/cmdline")
      else { return nil }
      let words = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      return Entry(identity: identity, words: words)
    }
  }
}

extension ProcessTable.Entry {
  /// The argument after an option; nil when the option is not there.
  package func argument(of option: String) -> String? {
    guard let index = words.firstIndex(of: option), index + 1 < words.count else { return nil }
    return words[index + 1]
  }
}
