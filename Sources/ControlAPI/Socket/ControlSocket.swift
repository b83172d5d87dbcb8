import Glibc

/// The file of the control socket.
enum ControlSocket {
  /// The longest path that a Unix socket's address holds, in bytes (unix(7): 108 with the closing zero).
  static let maximumPathBytes = 107

  /// Binds and listens, with mode 0600 from the first moment. Takes the place of a socket that nobody serves.
  /// Throws exit status 2 for a path that cannot be, 3 when another daemon answers there.
  static func listen(at path: String) throws(ControlFailure) -> Int32 {
    try check(path)
    try clear(path)
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw unusable(path, doing: "socket") }
    // Linux gives the file the mode of the unbound socket: there is no moment at which others could open it.
    guard fchmod(descriptor, 0o600) == 0, withAddress(of: path, { bind(descriptor, $0, $1) }) == 0,
      chmod(path, 0o600) == 0, Glibc.listen(descriptor, 64) == 0
    else {
      let failure = unusable(path, doing: "bind")
      close(descriptor)
      throw failure
    }
    return descriptor
  }

  /// Throws exit status 2 for a path that is empty or too long.
  static func check(_ path: String) throws(ControlFailure) {
    let count = path.utf8.count
    guard count > 0, count <= maximumPathBytes else {
      throw ControlFailure(
        exitStatus: 2, code: "socket-path",
        message: "the control socket's path has \(count) bytes, allowed are 1 to "
          + "\(maximumPathBytes): \(path)",
        hint: "choose a shorter state directory or set the control socket's path")
    }
  }

  private static func clear(_ path: String) throws(ControlFailure) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw ControlFailure(
        exitStatus: 2, code: "socket-path",
        message: "\(path) exists and is not a socket",
        hint: "move it away or set another path for the control socket")
    }
    let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(probe) }
    if withAddress(of: path, { connect(probe, $0, $1) }) == 0 {
      throw ControlFailure(
        exitStatus: 3, code: "socket-busy", message: "another daemon answers at \(path)",
        hint: "stop it first, or set another path for the control socket")
    }
    unlink(path)
  }

  private static func withAddress(
    of path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }

  private static func unusable(_ path: String, doing call: String) -> ControlFailure {
    let reason = strerror(errno).map { String(cString: $0) } ?? "error \(errno)"
    return ControlFailure(
      exitStatus: 2, code: "socket-path",
      message: "the control socket \(path) cannot be made (\(call): \(reason))",
      hint: "see whether its directory exists and belongs to the daemon's user")
  }
}
