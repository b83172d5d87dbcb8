/// How many letters two words differ by.
package enum EditDistance {
  /// The known word nearest to one that was mistyped; nil when none is near enough to be meant.
  package static func nearest(to word: String, among known: [String]) -> String? {
    let ranked = known.map { (distance(word, $0), $0) }.min { $0.0 < $1.0 }
    guard let (distance, nearest) = ranked, distance <= max(2, word.count / 3) else { return nil }
    return nearest
  }

  /// The number of insertions, deletions and replacements that make one word the other.
  package static func distance(_ a: String, _ b: String) -> Int {
    let target = Array(b)
    var row = Array(0...target.count)
    for (i, letter) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, other) in target.enumerated() {
        let replaced = diagonal + (letter == other ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
      }
    }
    return row[target.count]
  }
}
