/// A table in plain text: columns aligned by the width that their characters take on a screen.
package struct TextTable: Sendable {
  private var rows: [[String]]
  private let alignRight: Set<Int>

  /// Starts a table; `alignRight` holds the indexes of columns of numbers.
  package init(_ titles: [String], alignRight: Set<Int> = []) {
    rows = [titles]
    self.alignRight = alignRight
  }

  /// Adds a row of as many cells as there are titles.
  package mutating func add(_ cells: [String]) { rows.append(cells) }

  /// The lines, without spaces at their ends. Line breaks and control characters in cells are shown as `·`.
  package var text: String {
    let clean = rows.map { $0.map(Self.clean) }
    let columns = clean.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      clean.map { column < $0.count ? DisplayWidth.of($0[column]) : 0 }.max() ?? 0
    }
    var lines = clean.map { line($0, widths) }
    let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
    lines.insert(rule, at: 1)
    return lines.joined(separator: "\n")
  }

  private func line(_ row: [String], _ widths: [Int]) -> String {
    var line = ""
    for (column, cell) in row.enumerated() {
      let padding = String(repeating: " ", count: widths[column] - DisplayWidth.of(cell))
      if column > 0 { line += "  " }
      line += alignRight.contains(column) ? padding + cell : cell + padding
    }
    while line.last == " " { line.removeLast() }
    return line
  }

  private static func clean(_ cell: String) -> String {
    guard cell.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
      return cell
    }
    return String(
      String.UnicodeScalarView(
        cell.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "·" : $0 }))
  }
}
