/// Finds the known name that a person most likely meant.
package enum Spelling {
  /// The known name nearest to what was written; nil when none is near (at most a third of its letters, and at least one, may differ).
  package static func nearest(to name: String, among known: some Sequence<String>) -> String? {
    let bound = max(1, min(name.unicodeScalars.count / 3, 3))
    var best: (name: String, distance: Int)?
    for candidate in known {
      let distance = distance(name, candidate, bound: bound)
      guard distance <= bound else { continue }
      if let found = best, found.distance <= distance { continue }
      best = (candidate, distance)
    }
    return best?.name
  }

  /// A name as it may be repeated in a message: at most 48 characters.
  static func shown(_ name: String) -> String {
    name.count <= 48 ? name : String(name.prefix(47)) + "…"
  }

  /// How many letters must be put in, taken out, changed or swapped; above `bound` any larger number.
  ///
  /// Source: Damerau, "A technique for computer detection and correction of spelling errors", CACM 1964 (restricted form).
  private static func distance(_ a: String, _ b: String, bound: Int) -> Int {
    let x = Array(a.unicodeScalars)
    let y = Array(b.unicodeScalars)
    guard abs(x.count - y.count) <= bound, x.count <= 64, y.count <= 64 else { return bound + 1 }
    var before: [Int] = []
    var last = Array(0...y.count)
    for i in 0..<x.count {
      var row = [i + 1]
      row.reserveCapacity(y.count + 1)
      for j in 0..<y.count {
        var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (x[i] == y[j] ? 0 : 1))
        if i > 0, j > 0, x[i] == y[j - 1], x[i - 1] == y[j] { cost = min(cost, before[j - 1] + 1) }
        row.append(cost)
      }
      before = last
      last = row
    }
    return last[y.count]
  }
}
