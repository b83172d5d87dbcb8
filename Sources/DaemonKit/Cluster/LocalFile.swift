package import Glibc

/// Whole files and directories on this machine. Every failure names the path and the reason.
package enum LocalFile {
  /// Reads a whole file. Throws `file-unreadable`.
  package static func read(_ path: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable(path) }
    defer { close(descriptor) }
    var result: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw unreadable(path) }
      if count == 0 { return result }
      result.append(contentsOf: buffer[0..<count])
    }
  }

  /// Reads a whole file as UTF-8. Throws `file-unreadable`, also when the bytes are no UTF-8.
  package static func readText(_ path: String) throws -> String {
    guard let text = String(validating: try read(path), as: UTF8.self) else {
      throw OperatorError(
        .fileUnreadable, ["path": path, "reason": "not UTF-8"], status: .usage)
    }
    return text
  }

  /// Writes a whole file: into a new file beside it, synchronised, then renamed, so that a crash leaves the old or the new one.
  ///
  /// `mode` holds from the first byte on. Throws `file-unwritable`.
  package static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o644) throws {
    let partial = "\(path).partial"
    unlink(partial)
    let descriptor = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw unwritable(path) }
    defer { close(descriptor) }
    guard fchmod(descriptor, mode) == 0 else { throw unwritable(path) }
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw unwritable(path) }
      written += count
    }
    guard fsync(descriptor) == 0, rename(partial, path) == 0 else { throw unwritable(path) }
  }

  /// Writes a whole text file; see `write(_:to:mode:)`.
  package static func write(_ text: String, to path: String, mode: mode_t = 0o644) throws {
    try write(Array(text.utf8), to: path, mode: mode)
  }

  /// Makes the names in a directory durable. Throws `file-unwritable`.
  package static func synchronise(directory path: String) throws {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unwritable(path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw unwritable(path) }
  }

  /// Makes a directory and those above it that are missing. One that is there already keeps its mode.
  package static func makeDirectory(_ path: String, mode: mode_t = 0o755) throws {
    if isDirectory(path) { return }
    let parent = parent(of: path)
    if parent != path, !isDirectory(parent) { try makeDirectory(parent) }
    guard mkdir(path, mode) == 0 || (errno == EEXIST && isDirectory(path)) else {
      throw unwritable(path)
    }
    guard chmod(path, mode) == 0 else { throw unwritable(path) }
  }

  /// Whether something of this name exists.
  package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Whether this names a directory.
  package static func isDirectory(_ path: String) -> Bool {
    mode(of: path).map { $0 & S_IFMT == S_IFDIR } ?? false
  }

  /// Whether this names a file that this process may run.
  package static func isExecutable(_ path: String) -> Bool {
    access(path, X_OK) == 0 && !isDirectory(path)
  }

  /// Type and permission bits; nil when there is nothing of this name.
  package static func mode(of path: String) -> mode_t? { status(of: path)?.st_mode }

  /// The owner's user id; nil when there is nothing of this name.
  package static func owner(of path: String) -> uid_t? { status(of: path)?.st_uid }

  /// The names in a directory, sorted; empty when it cannot be read.
  package static func names(in path: String) -> [String] {
    guard let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// The reason of the last failed system call of this thread.
  package static var lastReason: String { reason(errno) }

  /// A system error's text.
  package static func reason(_ code: Int32) -> String {
    guard let text = strerror(code) else { return "error \(code)" }
    return String(cString: text)
  }

  private static func status(of path: String) -> stat? {
    var status = stat()
    return stat(path, &status) == 0 ? status : nil
  }

  private static func unreadable(_ path: String) -> OperatorError {
    OperatorError(.fileUnreadable, ["path": path, "reason": lastReason], status: .usage)
  }

  private static func unwritable(_ path: String) -> OperatorError {
    OperatorError(.fileUnwritable, ["path": path, "reason": lastReason], status: .usage)
  }
}
