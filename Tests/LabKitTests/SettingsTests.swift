import DaemonKit
import Governance
import PeerTransport
import ReplicationCore
import Testing

@Suite("A node's settings")
struct SettingsTests {
  private static let good = """
    node: "450103001005"
    name: 新竹社区居委会
    parent:
      node: "450103001000"
      address: 127.0.0.1:7301
    listen: "[::1]:0"
    state_directory: state
    control: control.sock
    identity:
      root: /dev/null
      tls: {certificate: /dev/null, key: KEY}
      signing: {certificate: /dev/null, key: KEY}
    limits: {seal_rows: 500}
    """

  /// A private key that only its owner can read.
  private func text(_ scratch: Scratch, _ change: (String) -> String = { $0 }) throws -> String {
    try LocalFile.write("key", to: scratch.path("key"), mode: 0o600)
    return change(
      Self.good.split(separator: "KEY", omittingEmptySubsequences: false)
        .joined(separator: scratch.path("key")))
  }

  private func problems(_ text: String) throws -> [String] {
    let error = try #require(throws: ConfigError.self) {
      try NodeSettings.parse(text, file: "node.yaml", directory: "/etc/huijia")
    }
    return error.problems.map { $0.text(in: .english) }
  }

  @Test("A complete file is read; paths are seen from its directory")
  func complete() throws {
    let scratch = try Scratch()
    let settings = try NodeSettings.parse(
      try text(scratch), file: "node.yaml", directory: "/etc/huijia")
    #expect(settings.node == NodeID("450103001005"))
    #expect(settings.tier == .village)
    #expect(settings.parent?.address == PeerAddress(host: "127.0.0.1", port: 7301))
    #expect(settings.listen == PeerAddress(host: "::1", port: 0))
    #expect(settings.stateDirectory == "/etc/huijia/state")
    #expect(settings.database == .managed)
    #expect(settings.limits.sealRows == 500)
    #expect(settings.governance == nil)
  }

  @Test("A mistyped key is named with its line and the key that was meant")
  func mistypedKey() throws {
    let scratch = try Scratch()
    let found = try problems(try text(scratch) + "\nlog_levle: debug")
    #expect(found == ["node.yaml:14: unknown key log_levle; did you mean log_level?"])
  }

  @Test(
    "Aliases are refused with their line: a page of them can stand for more text than any memory holds"
  )
  func aliases() throws {
    let scratch = try Scratch()
    let found = try problems(
      try text(scratch) {
        $0.replacing(
          "limits: {seal_rows: 500}", with: "limits: {seal_rows: &n 5, came_home_rows: *n}")
      })
    #expect(found.count == 1 && found[0].hasPrefix("node.yaml:13:"), "\(found)")
    #expect(found[0].contains("aliases are not allowed"), "\(found)")
  }

  @Test("Every problem is said at once, in the order of the lines")
  func allAtOnce() throws {
    let found = try problems(
      """
      node: "4501030010"
      tier: hamlet
      parent: {node: "450102000000", address: nowhere}
      listen: 127.0.0.1:70000
      log_level: loud
      limits: {seal_rows: many, seal_row: 3}
      identity: {root: missing.pem, tls: {certificate: c}}
      """)
    let expected = [
      ":1: node: 4501030010 is not valid", ":1: key name is missing",
      ":1: key state_directory is missing", ":2: tier: hamlet is not valid",
      ":3: parent.address: nowhere is not valid", ":4: listen: 127.0.0.1:70000 is not valid",
      ":5: log_level: loud is not valid", ":6: limits.seal_rows: many is not valid",
      ":6: unknown key seal_row; did you mean seal_rows?",
      ":7: identity.root: there is no file /etc/huijia/missing.pem",
      ":7: identity.tls.certificate: there is no file /etc/huijia/c",
      ":7: key identity.tls.key is missing", ":7: key identity.signing is missing",
    ]
    for text in expected {
      #expect(found.contains { $0.contains(text) }, "\(text) not in \(found)")
    }
    #expect(found.count == expected.count)
  }

  @Test("A parent that is not above the node is refused")
  func foreignParent() throws {
    let scratch = try Scratch()
    let found = try problems(
      try text(scratch) { $0.split(separator: "450103001000").joined(separator: "450102001000") })
    #expect(found == ["node.yaml:4: parent 450102001000 is not above node 450103001005"])
  }

  @Test("A private key that others can read is refused")
  func openKey() throws {
    let scratch = try Scratch()
    let text = try text(scratch)
    try LocalFile.write("key", to: scratch.path("key"), mode: 0o644)
    let found = try problems(text)
    #expect(found.count == 2)
    #expect(found.allSatisfy { $0.contains("run chmod 600") })
  }

  @Test("A village without parent and a region with one are refused")
  func roots() throws {
    let scratch = try Scratch()
    let village = try problems(
      """
      node: "450103001005"
      name: x
      state_directory: s
      identity:
        root: /dev/null
        tls: {certificate: /dev/null, key: \(scratch.path("key"))}
        signing: {certificate: /dev/null, key: \(scratch.path("key"))}
      """)
    #expect(village.contains { $0.contains("parent is needed") })
  }

  @Test("Text that is no YAML is refused with its line")
  func noYAML() throws {
    let found = try problems("node: \"450103001005\"\nname: [")
    #expect(found.count == 1)
    #expect(found.first?.contains("YAML syntax error") == true)
  }

  @Test("A key that appears twice is refused")
  func twice() throws {
    let found = try problems("node: \"450103001005\"\nname: a\nname: b")
    #expect(found.contains { $0.contains("twice") })
  }
}
