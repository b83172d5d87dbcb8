/// How many cells of a terminal a text takes.
package enum DisplayWidth {
  /// The width of a text: two cells for East Asian wide characters, none for marks that combine with the one before.
  package static func of(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + of($1) }
  }

  private static func of(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    let value = scalar.value
    return wide.contains { $0.contains(value) } ? 2 : 1
  }

  /// Blocks whose characters are wide or full-width. Source: Unicode Standard Annex 11, property values W and F.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
    0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xE000...0xFAFF, 0xFE10...0xFE19,
    0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF,
    0x20000...0x3FFFD, 0xF0000...0xFFFFD, 0x100000...0x10FFFD,
  ]
}
