package import ReplicationCore

/// What the journal says of one field of one record: which write saw which.
///
/// A write saw what its own database showed and held in conflict, under lock, in its transaction, and all that those had seen.
/// It also saw what the same node had written before (`RULES.md` §1: a replica's later write supersedes its earlier ones).
/// Where two writes gave the same value (closed lists of codes, homes), either counts: the check then believes the kinder one.
package struct TortureHistory {
  let field: FieldID
  /// In the order of the journal; deletions among them.
  let writes: [TortureWrite]
  private var byValue: [String: [Int]] = [:]
  /// The same node's write before, which touched this field.
  private var earlier: [Int?] = []

  /// Takes one record's writes.
  package init(_ field: FieldID, _ writes: [TortureWrite]) {
    self.field = field
    self.writes = writes
    var last: [NodeID: Int] = [:]
    let inOrder = writes.indices.sorted { writes[$0].number < writes[$1].number }
    earlier = [Int?](repeating: nil, count: writes.count)
    for index in inOrder {
      earlier[index] = last[writes[index].node]
      guard let value = writes[index].value(of: field) else { continue }
      byValue[value, default: []].append(index)
      last[writes[index].node] = index
    }
  }

  /// The writes that gave one of these values, and all that they had seen.
  package func past(of values: Set<String>) -> Set<Int> {
    past(from: values.flatMap { byValue[$0] ?? [] })
  }

  /// As `past`, but only by values that one write alone gave: what the writer of a value cannot but have seen.
  package func certainPast(of value: String) -> Set<Int> {
    past(from: sole(value), isCertain: true)
  }

  private func sole(_ value: String) -> [Int] {
    let writers = byValue[value] ?? []
    return writers.count == 1 ? writers : []
  }

  /// All that a write had seen of this field, and itself.
  func past(ofWrite index: Int) -> Set<Int> { past(from: [index]) }

  private func past(from start: [Int], isCertain: Bool = false) -> Set<Int> {
    var found: Set<Int> = []
    var open = start
    while let index = open.popLast() {
      guard found.insert(index).inserted else { continue }
      if let before = earlier[index] { open.append(before) }
      for value in writes[index].saw[field] ?? [] {
        open += isCertain ? sole(value) : byValue[value] ?? []
      }
    }
    return found
  }
}
