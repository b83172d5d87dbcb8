import Glibc
package import ReplicationCore
package import ReplicationEngine
import SignedFeed

/// The high-water file: two slots of a page each, written by turns in place, each with a serial number and a digest.
///
/// In place, because a new file and its rename cost five and twenty times one page; a power cut tears one slot at most, and then the other
/// tells what was true before, which is allowed: the file may be behind the database.
package final class HighWaterSlots: HighWaterFile {
  private static let slotBytes = 4096
  private static let magic = Array("huijia-high-water 1\n".utf8)
  private let path: String
  private let node: NodeID
  private let thread = FileThread()

  /// `path` lies outside the database's directory.
  package init(path: String, node: NodeID) {
    self.path = path
    self.node = node
  }

  package func read() throws -> HighWater? {
    guard LocalFile.exists(path) else { return nil }
    guard let newest = Self.newest(try LocalFile.read(path)) else { return nil }
    guard newest.node == node else {
      throw OperatorError(
        .highWaterForeign, ["path": path, "node": "\(node)", "found": "\(newest.node)"],
        status: .usage)
    }
    return newest.mark
  }

  package func write(_ mark: HighWater) async throws {
    let (path, node) = (path, node)
    try await thread.run { file in
      let open = try file ?? Self.open(path)
      file = open
      do {
        file = try Self.write(mark, of: node, to: open)
      } catch {
        close(open.descriptor)
        file = nil
        throw OperatorError(
          .fileUnwritable, ["path": path, "reason": LocalFile.lastReason], status: .unreachable)
      }
    }
  }

  // MARK: Slots

  private struct Slot {
    let serial: UInt64
    let node: NodeID
    let mark: HighWater
  }

  /// An open file and the serial number of its newest slot.
  struct OpenFile {
    let descriptor: Int32
    var serial: UInt64
  }

  private struct Failed: Error {}

  /// Opens the file, or makes it with empty slots, durable under its name.
  private static func open(_ path: String) throws -> OpenFile {
    let isUsable = try LocalFile.exists(path) && newest(LocalFile.read(path)) != nil
    if !isUsable {
      try LocalFile.write([UInt8](repeating: 0, count: 2 * slotBytes), to: path, mode: 0o600)
      try LocalFile.synchronise(directory: LocalFile.parent(of: path))
    }
    let serial = newest(try LocalFile.read(path))?.serial ?? 0
    let descriptor = Glibc.open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw OperatorError(
        .fileUnwritable, ["path": path, "reason": LocalFile.lastReason], status: .unreachable)
    }
    return OpenFile(descriptor: descriptor, serial: serial)
  }

  private static func write(
    _ mark: HighWater, of node: NodeID, to file: OpenFile
  ) throws -> OpenFile {
    let serial = file.serial + 1
    var writer = ByteWriter()
    writer.fixed(serial, count: 8)
    writer.node(node)
    writer.varint(UInt64(mark.incarnation))
    for lane in [mark.bulk, mark.urgent] {
      writer.varint(lane.index)
      writer.varint(lane.position)
    }
    var bytes = magic + [UInt8(writer.bytes.count)] + writer.bytes
    bytes += Digest(hashing: bytes).bytes
    bytes += [UInt8](repeating: 0, count: slotBytes - bytes.count)
    let at = Int(serial % 2) * slotBytes
    let written = bytes.withUnsafeBytes {
      pwrite(file.descriptor, $0.baseAddress, $0.count, off_t(at))
    }
    guard written == slotBytes, fdatasync(file.descriptor) == 0 else { throw Failed() }
    return OpenFile(descriptor: file.descriptor, serial: serial)
  }

  private static func newest(_ bytes: [UInt8]) -> Slot? {
    guard bytes.count == 2 * slotBytes else { return nil }
    return [0, 1].compactMap { slot(bytes[($0 * slotBytes)..<(($0 + 1) * slotBytes)]) }
      .max { $0.serial < $1.serial }
  }

  private static func slot(_ bytes: ArraySlice<UInt8>) -> Slot? {
    let bytes = Array(bytes)
    guard bytes.starts(with: magic) else { return nil }
    let end = magic.count + 1 + Int(bytes[magic.count])
    guard Digest(hashing: Array(bytes[..<end])).bytes == Array(bytes[end..<(end + 32)]) else {
      return nil
    }
    return try? decoded(Array(bytes[(magic.count + 1)..<end]))
  }

  private static func decoded(_ bytes: [UInt8]) throws -> Slot {
    var reader = ByteReader(bytes)
    let serial = try reader.fixed(8)
    let node = try reader.node()
    let incarnation = UInt32(try reader.varint(max: UInt64(UInt32.max)))
    func mark() throws -> HighWater.Mark {
      HighWater.Mark(index: try reader.index(), position: try reader.index())
    }
    let mark = HighWater(incarnation: incarnation, bulk: try mark(), urgent: try mark())
    try reader.finish()
    return Slot(serial: serial, node: node, mark: mark)
  }
}
