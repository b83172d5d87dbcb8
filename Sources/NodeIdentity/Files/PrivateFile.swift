import Glibc

/// Small files that must never be seen half written, or by others.
enum PrivateFile {
  /// The largest file read: a chain of ours is under 4 KiB.
  static let maximumBytes = 256 * 1024

  /// Writes beside `path` and renames over it, with `mode` from the first moment.
  static func write(_ text: String, to path: String, mode: mode_t) throws(IdentityError) {
    let draft = path + ".new"
    unlink(draft)
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw failure(path, doing: "cannot be written") }
    var rest = ArraySlice(Array(text.utf8))
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard written > 0 else {
        if written < 0, errno == EINTR { continue }
        let error = failure(path, doing: "cannot be written")
        close(descriptor)
        unlink(draft)
        throw error
      }
      rest = rest.dropFirst(written)
    }
    let isSafe = fsync(descriptor) == 0
    close(descriptor)
    guard isSafe, rename(draft, path) == 0 else { throw failure(path, doing: "cannot be written") }
  }

  /// Whether something of this name exists.
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// The whole of a file as text.
  static func read(_ path: String) throws(IdentityError) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path, doing: "cannot be read") }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 16 * 1024)
    while true {
      let count = piece.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure(path, doing: "cannot be read") }
      if count == 0 { break }
      bytes += piece[..<count]
      guard bytes.count <= maximumBytes else {
        throw .file(path: path, reason: "is too large for a certificate or key")
      }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .file(path: path, reason: "is not a PEM file")
    }
    return text
  }

  private static func failure(_ path: String, doing what: String) -> IdentityError {
    let reason = strerror(errno).map { String(cString: $0) } ?? "error \(errno)"
    return .file(path: path, reason: "\(what): \(reason)")
  }
}
