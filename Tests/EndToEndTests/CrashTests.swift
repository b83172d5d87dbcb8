import DaemonKit
import LabKit
import ReplicationCore
import Testing

extension EndToEnd {
  @Suite struct Crashes {
    @Test func `a town killed in the middle of a load loses nothing and doubles nothing`()
      async throws
    {
      let tree = try RealTree.running()
      let rows = 12_000
      let nodes = [tree.village, tree.town, tree.county]
      let before = try #require(Int(try tree.database(tree.village).value(counted(tree))))
      try await tree.story {
        let load = RecordLoad(tree.lab, at: tree.village, ledger: "resident", rows: rows, seed: 5)
        var isKilled = false
        try load.run { done in
          guard !isKilled, done >= rows / 2 else { return }
          isKilled = true
          try tree.lab.kill(tree.town.node)
        }
        #expect(isKilled)
      }
      try await tree.settle(60)
      let counts = try tree.answers(nodes, counted(tree))
      #expect(counts == Array(repeating: "\(before + rows)", count: 3))
      let prints = try tree.answers(nodes, fingerprint(tree))
      #expect(Set(prints).count == 1, "\(prints)")
      for node in nodes { #expect(try tree.refusals(at: node) == "") }
    }

    @Test func `a daemon whose database connections are ended connects again and goes on`()
      async throws
    {
      let tree = try RealTree.running()
      let process = tree.lab.runningDaemons()[tree.town.node]
      for round in 0..<3 {
        let ended = try tree.inside(
          tree.town,
          """
          SELECT count(*) FROM (SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE usename = current_user AND pid <> pg_backend_pid()) t
          """)
        #expect(Int(ended) ?? 0 > 0)
        let person = Person(410 + round, at: tree.village)
        let own = Person(420 + round, at: tree.village)
        try tree.database(tree.village).run(person.insert(phone: "13800138041"))
        try tree.database(tree.town).run(own.insert(phone: "13800138042"))
        let waits = try [(tree.county, person), (tree.county, own), (tree.village, own)].map {
          try tree.database($0.0).wait(until: $0.1.exists(), seconds: 20)
        }
        for wait in waits { _ = try wait.finish() }
      }
      #expect(tree.lab.runningDaemons()[tree.town.node] == process, "the daemon ended")
      try await tree.settle()
    }

    private func counted(_ tree: RealTree) -> String {
      "SELECT count(*) FROM ledger.resident WHERE home = '\(tree.village.node.code)'"
    }

    private func fingerprint(_ tree: RealTree) -> String {
      """
      SELECT md5(string_agg(concat_ws('|', person_id, name, sex, birth_date, id_number, address,
        phone, ethnicity, status, subsidy), ',' ORDER BY person_id))
      FROM ledger.resident WHERE home = '\(tree.village.node.code)'
      """
    }
  }

  @Suite struct Urgency {
    @Test func `an event overtakes a load of thirty thousand residents`() async throws {
      let tree = try RealTree.running()
      let rows = 30_000
      let event = "0190a0b0-0000-7000-8000-000000000601"
      let code = "\(tree.village.node.code)"
      try await tree.settle()
      let arrival = try tree.database(tree.county).wait(
        until: "SELECT FROM ledger.event WHERE event_id = '\(event)'", seconds: 30)
      // Committed before the event is written: every one of these rows is ahead of it.
      let began = try tree.database(tree.village).moment(
        after: """
          INSERT INTO ledger.resident (person_id, home, residence, name, sex, birth_date, remark)
          SELECT ('0190a0b1-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, '\(code)', '\(code)',
            '居民' || n, '1', '1980-01-01', 'census' FROM generate_series(1, \(rows)) n;
          INSERT INTO ledger.event (event_id, home, title, kind, level, state, occurred_at)
          VALUES ('\(event)', '\(code)', '路面塌陷', '1', '2', '1', now())
          """)
      let urgent = try arrival.finish() - began
      let count = "SELECT count(*), extract(epoch FROM clock_timestamp()) FROM ledger.resident"
      var seen = 0
      var bulk = 0.0
      let isThere = try await tree.becomesTrue(within: 60) {
        let row = try tree.database(tree.county).run("\(count) WHERE remark = 'census'").first ?? []
        seen = row.first.flatMap { Int($0) } ?? 0
        bulk = (row.last.flatMap { Double($0) } ?? 0) - began
        return seen == rows
      }
      #expect(isThere, "\(seen) of \(rows) arrived")
      #expect(urgent < bulk / 2, "the event took \(urgent) s, the load \(bulk) s")
      try await tree.settle()
    }
  }
}
