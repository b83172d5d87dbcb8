import DaemonKit
import Glibc

/// Asks one line of a Unix socket and reads one line of answer.
enum LineSocket {
  /// Why there was no answer.
  struct Failure: Error { let reason: String }

  /// Waits 5 seconds for the answer at most.
  static func ask(_ path: String, _ line: String) throws(Failure) -> String {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Failure(reason: LocalFile.lastReason) }
    defer { close(descriptor) }
    var limit = timeval(tv_sec: 5, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    try connect(descriptor, path)
    let question = Array("\(line)\n".utf8)
    guard send(descriptor, question, question.count, Int32(MSG_NOSIGNAL)) == question.count
    else { throw Failure(reason: LocalFile.lastReason) }
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while answer.last != UInt8(ascii: "\n") {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw Failure(reason: count == 0 ? "connection closed" : LocalFile.lastReason)
      }
      answer += buffer[0..<count]
    }
    return String(decoding: answer.dropLast(), as: UTF8.self)
  }

  private static func connect(_ descriptor: Int32, _ path: String) throws(Failure) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw Failure(reason: "path too long")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard status == 0 else { throw Failure(reason: LocalFile.lastReason) }
  }
}
