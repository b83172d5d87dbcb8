import DaemonKit
import Glibc
import ReplicationCore

/// A file of division codes, read line by line: `code12` (or `code`) and `name` among its columns, named in the first line, separated by tabs or commas.
///
/// This is how the National Bureau's 统计用区划代码 are usually passed on; other columns are ignored.
struct DivisionFile {
  let path: String
  /// The longest line that is read.
  static let longestLine = 4_096

  init(_ path: String) { self.path = path }

  /// Where the columns stand.
  private struct Columns {
    let separator: UInt8
    let code: Int
    let name: Int
  }

  /// Calls `body` with each line's code, a way to read its name, and its number. Throws what is wrong, with the line.
  func read(_ body: (DivisionCode, () throws -> String, Int) throws -> Void) throws {
    var columns: Columns?
    var number = 0
    try lines { line in
      number += 1
      guard let known = columns else {
        columns = try header(line)
        return
      }
      if line.isEmpty { return }
      let cells = line.split(separator: known.separator, omittingEmptySubsequences: false)
      guard cells.count > max(known.code, known.name) else {
        throw problem(number, .labDivisionColumns, ["count": "\(cells.count)"])
      }
      let text = Self.text(cells[known.code])
      guard let code = text.flatMap({ DivisionCode($0) }) else {
        throw problem(number, .labDivisionCode, ["value": text ?? "?"])
      }
      let line = number
      try body(
        code,
        {
          guard let name = Self.text(cells[known.name]), !name.isEmpty else {
            throw problem(line, .labDivisionName, ["code": "\(code)"])
          }
          return name
        }, line)
    }
    if columns == nil { throw problem(1, .labDivisionHeader) }
  }

  /// Keeps a division; throws when the file named it before.
  func keep(_ division: Division, in known: inout [DivisionCode: Division]) throws {
    guard let before = known.updateValue(division, forKey: division.code) else { return }
    throw problem(
      division.line, .labDivisionTwice, ["code": "\(division.code)", "line": "\(before.line)"])
  }

  /// Says that the file has nothing at or below a division.
  func nothing(_ code: DivisionCode) throws {
    throw problem(0, .labDivisionNothing, ["code": "\(code)"])
  }

  private func header(_ line: ArraySlice<UInt8>) throws -> Columns {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let line = line.starts(with: mark) ? line.dropFirst(3) : line
    let separator = UInt8(ascii: line.contains(UInt8(ascii: "\t")) ? "\t" : ",")
    let names = line.split(separator: separator, omittingEmptySubsequences: false)
      .map { Self.text($0) ?? "" }
    guard let code = names.firstIndex(where: { $0 == "code12" || $0 == "code" }),
      let name = names.firstIndex(of: "name")
    else { throw problem(1, .labDivisionHeader) }
    return Columns(separator: separator, code: code, name: name)
  }

  private func problem(
    _ line: Int, _ message: Message, _ values: [String: String] = [:]
  ) -> ConfigError {
    ConfigError(file: path, line: line, message, values)
  }

  /// A cell without quotes and blanks around it; nil when it is no UTF-8.
  private static func text(_ cell: ArraySlice<UInt8>) -> String? {
    var cell = cell
    let around: Set<UInt8> = [0x20, 0x22, 0x0D]
    while let first = cell.first, around.contains(first) { cell = cell.dropFirst() }
    while let last = cell.last, around.contains(last) { cell = cell.dropLast() }
    return String(validating: cell, as: UTF8.self)
  }

  /// Calls `body` with each line without its end; holds one block and one line at a time.
  private func lines(_ body: (ArraySlice<UInt8>) throws -> Void) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    defer { if descriptor >= 0 { close(descriptor) } }
    var block = [UInt8](repeating: 0, count: 64 * 1_024)
    var rest: [UInt8] = []
    var number = 0
    while true {
      let count = descriptor < 0 ? -1 : Glibc.read(descriptor, &block, block.count)
      if count < 0, descriptor >= 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw OperatorError(
          .fileUnreadable, ["path": path, "reason": LocalFile.lastReason], status: .usage)
      }
      if count == 0 { break }
      rest += block[0..<count]
      var start = rest.startIndex
      while let end = rest[start...].firstIndex(of: 0x0A) {
        number += 1
        try body(Self.withoutReturn(rest[start..<end]))
        start = end + 1
      }
      rest.removeSubrange(..<start)
      if rest.count > Self.longestLine {
        throw problem(number + 1, .labDivisionLong, ["limit": "\(Self.longestLine)"])
      }
    }
    if !rest.isEmpty { try body(Self.withoutReturn(rest[...])) }
  }

  private static func withoutReturn(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    line.last == 0x0D ? line.dropLast() : line
  }
}
