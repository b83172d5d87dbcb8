internal import Governance
internal import ReplicationCore

extension Installer {
  /// Writes down what views and functions have to know of a ledger and of the rules about it.
  func describe(_ ledger: Ledger, _ policy: CompiledPolicy) throws {
    let id = Parameter.int(Int64(ledger.id.number))
    let homes = ledger.homes.reduce(Int64(0)) { $0 | 1 << Int64($1.number) }
    _ = try connection.query(
      """
      INSERT INTO huijia.ledger VALUES ($1, $2, $3, $4) ON CONFLICT (id)
      DO UPDATE SET name = excluded.name, key = excluded.key, homes = excluded.homes
      """, [id, .text(ledger.name), .text(ledger.key.name), .int(homes)])
    _ = try connection.query("DELETE FROM huijia.rule WHERE ledger = $1", [id])
    for (place, rule) in policy.document.rules.enumerated() where rule.ledger == ledger.id {
      for subject in rule.subjects {
        let unit = subject.isExact ? 1 : subject.within?.level.unit ?? 0
        let prefix = subject.within.map { $0.number / unit } ?? 0
        _ = try connection.query(
          "INSERT INTO huijia.rule VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
          [
            id, .int(Int64(place)), .text(rule.label),
            subject.tier.map { .text($0.rawValue) } ?? .null,
            subject.department.map { .text($0) } ?? .null, .int(Int64(unit)),
            .int(Int64(prefix)), .int(Int64(rule.read.bits)), .int(Int64(rule.maintain.bits)),
          ])
      }
    }
  }
}
