import Governance
import ReplicationCore
import ReplicationTestKit
import Testing

@Suite("PostgreSQL as a change store")
struct ConformanceTests {
  private static let ledger = """
    ledger: plain
    id: 1
    title: {zh: 简, en: Plain}
    lane: bulk
    key: {name: plain_id, type: text}
    homes: [home]
    fields:
      - {name: home, id: 2, title: {zh: 家, en: Home}, type: division}
      - {name: name, id: 3, title: {zh: 名, en: Name}, type: text}
      - {name: remark, id: 4, title: {zh: 注, en: Remark}, type: text}
    """

  @Test("Does what every store must do")
  func conforms() async throws {
    let catalog = try Catalog(files: [CatalogFile(name: "plain.yaml", text: Self.ledger)])
    let text = "epoch: 1\nregion: 450000000000\ntiers: [region, village]\nrules: []\n"
    let policy = try CompiledPolicy(Array(text.utf8), catalog: catalog)
    let complaints = try await StoreConformance.run {
      try TestDatabase(catalog, policy: policy).store
    }
    #expect(complaints.isEmpty)
  }
}
