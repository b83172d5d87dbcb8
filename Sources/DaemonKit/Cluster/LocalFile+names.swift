import Glibc

extension LocalFile {
  /// Bytes of a file; nil when there is none.
  package static func size(of path: String) -> Int? {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : nil
  }

  /// Removes a file. Nothing to do when there is none.
  package static func remove(_ path: String) { unlink(path) }

  /// Gives a file another name, in the place of what had it. Throws `file-unwritable`.
  package static func move(_ path: String, to other: String) throws {
    guard Glibc.rename(path, other) == 0 else {
      throw OperatorError(
        .fileUnwritable, ["path": other, "reason": lastReason], status: .usage)
    }
  }
}
