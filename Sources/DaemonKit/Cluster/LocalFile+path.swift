import Glibc

extension LocalFile {
  /// The working directory of this process.
  package static var workingDirectory: String {
    guard let buffer = getcwd(nil, 0) else { return "/" }
    defer { free(buffer) }
    return String(cString: buffer)
  }

  /// This program's own file; nil when the system does not say.
  package static var executable: String? {
    guard let buffer = realpath("/proc/self/exe", nil) else { return nil }
    defer { free(buffer) }
    return String(cString: buffer)
  }

  /// Where a symbolic link points; nil when it cannot be read.
  package static func linkTarget(_ path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(path, &buffer, buffer.count)
    guard count >= 0 else { return nil }
    return String(decoding: buffer[0..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// A path seen from a directory: itself when absolute, with `.` and `..` taken out.
  package static func resolve(_ path: String, from base: String) -> String {
    let joined = path.hasPrefix("/") ? path : "\(base)/\(path)"
    var parts: [Substring] = []
    for part in joined.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
  }

  /// An absolute path seen from the working directory.
  package static func absolute(_ path: String) -> String {
    resolve(path, from: workingDirectory)
  }

  /// The directory that holds a path.
  package static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Checks that a Unix socket of this path can exist: a socket address holds 107 bytes. Throws `socket-path-too-long`.
  package static func checkSocketPath(_ path: String) throws {
    guard path.utf8.count > 107 else { return }
    throw OperatorError(
      .socketPathTooLong, ["path": path, "bytes": "\(path.utf8.count)"], status: .usage)
  }
}
