/// The text of the next policy that says the same, without what has ended.
///
/// A rule that simply stopped counting on some day would make two policies of one epoch: ends of a link whose clocks differ would
/// give each other different views under one number. So the region's node, which alone signs, puts the same text in force once
/// more, under the next epoch, and says as of which day.
package enum PolicyRenewal {
  /// A policy's text with the next epoch and a day; every rule keeps its line. Nil when the text is of a form that is not changed by
  /// its lines alone (such as a policy all on one line): then a person writes the next one.
  package static func text(of policy: CompiledPolicy, asOf day: CalendarDay) -> [UInt8]? {
    guard let text = String(validating: policy.bytes, as: UTF8.self),
      let before = try? ScopeDocument(policy.bytes, catalog: policy.catalog)
    else { return nil }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard let epoch = lines.firstIndex(where: { $0.hasPrefix("epoch:") }) else { return nil }
    lines[epoch] = "epoch: \(before.epoch + 1)" + afterNumber(lines[epoch])
    if let asOf = lines.firstIndex(where: { $0.hasPrefix("as_of:") }) {
      lines[asOf] = "as_of: \(day)"
    } else {
      // At the end: what other places say of a rule's line stays true.
      if lines.last != "" { lines.append("") }
      lines.insert("as_of: \(day)", at: lines.count - 1)
    }
    let renewed = Array(lines.joined(separator: "\n").utf8)
    let expected = ScopeDocument(
      epoch: before.epoch + 1, region: before.region, tiers: before.tiers, rules: before.rules,
      authorities: before.authorities, gates: before.gates, olderUntil: before.olderUntil,
      asOf: day)
    guard let after = try? ScopeDocument(renewed, catalog: policy.catalog), after == expected
    else { return nil }
    return renewed
  }

  /// What stands behind the number on an `epoch:` line: a comment, or nothing.
  private static func afterNumber(_ line: String) -> String {
    let rest = line.dropFirst("epoch:".count).drop { $0 == " " }
    return String(rest.drop { $0.isNumber || $0 == "_" })
  }
}
