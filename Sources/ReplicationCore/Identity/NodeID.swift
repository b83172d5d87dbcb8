/// Names a node of the tree: a division code, and a slug for a department or a grid: `450103000000/civil-affairs`.
package struct NodeID: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let code: DivisionCode
  /// Lower-case ASCII letters, digits and hyphens, at most 32; empty for the division's own node.
  package let slug: String

  /// Makes an id; nil when the slug has a character or a length that is not allowed.
  package init?(code: DivisionCode, slug: String = "") {
    guard slug.utf8.count <= 32 else { return nil }
    for byte in slug.utf8 {
      let ok = (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D
      guard ok else { return nil }
    }
    self.code = code
    self.slug = slug
  }

  /// Reads `CODE` or `CODE/slug`; nil for anything else.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, let code = DivisionCode(first) else { return nil }
    if parts.count == 2 {
      guard !parts[1].isEmpty else { return nil }
      self.init(code: code, slug: String(parts[1]))
    } else {
      self.init(code: code)
    }
  }

  /// `CODE` or `CODE/slug`.
  package var description: String { slug.isEmpty ? code.description : "\(code)/\(slug)" }

  /// The id as part of a file name: `/` becomes `+`.
  package var fileName: String { slug.isEmpty ? code.description : "\(code)+\(slug)" }

  /// The order of the ids' bytes: by code, then by slug.
  package static func < (a: Self, b: Self) -> Bool {
    if a.code != b.code { return a.code < b.code }
    return a.slug.utf8.lexicographicallyPrecedes(b.slug.utf8)
  }
}
