import DaemonKit
import LabKit
import ReplicationCore
import Testing

@Suite("Waiting for a catch-up")
struct CatchUpWatchTests {
  private func statuses(_ done: Int64?) throws -> [NodeID: JSON] {
    let node = try #require(NodeID("450103000000"))
    let catchUp: JSON = done.map { ["done": .integer($0), "total": 40_000] } ?? .null
    let link: JSON = ["peer": "450100000000", "state": "catching_up", "catch_up": catchUp]
    return [node: ["links": .array([link])]]
  }

  @Test(
    "only records that were never reached before count: who begins again and again stands still")
  func moves() throws {
    var watch = CatchUpWatch()
    let seen = try [nil, 0, 1200, 1200, 2400, 0, 1200, 2400, 3600, nil].map {
      watch.hasMoved(try statuses($0))
    }
    #expect(seen == [false, false, true, false, true, false, false, false, true, false])
  }
}
