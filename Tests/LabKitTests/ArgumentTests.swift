import DaemonKit
import Testing

@Suite("Options before and after the verb")
struct ArgumentTests {
  @Test(
    "Options that every verb takes may stand before it",
    arguments: [
      ("--control s status", "status --control s"), ("status --control s", "status --control s"),
      ("--control=s --json links", "links --control=s --json"),
      ("--json trace a b -- c", "trace a b --json -- c"), ("--control s", "--control s"),
      ("--help", "--help"), ("--control", "--control"), ("", ""),
    ])
  func order(given: String, expected: String) {
    let words = given.split(separator: " ").map(String.init)
    let ordered = ArgumentOrder.verbFirst(words, valued: ["--control"], flags: ["--json"])
    #expect(ordered.joined(separator: " ") == expected)
  }

  @Test("Paths are seen from a directory")
  func paths() {
    #expect(LocalFile.resolve("../ledgers", from: "/etc/huijia/lab") == "/etc/huijia/ledgers")
    #expect(LocalFile.resolve("/a/./b/../c", from: "/x") == "/a/c")
    #expect(LocalFile.parent(of: "/a") == "/")
  }
}
