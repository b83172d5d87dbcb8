import DaemonKit
import Testing

@Suite("Reports for people")
struct ReportTests {
  @Test("Columns stay aligned whatever their characters' width")
  func aligned() {
    var table = TextTable(["node", "名称", "n"], alignRight: [2])
    table.add(["1", "南宁市", "7"])
    table.add(["22", "ab", "123"])
    table.add(["3", "𠮷\u{E000}", "4"])
    #expect(
      table.text == """
        node  名称      n
        ────  ──────  ───
        1     南宁市    7
        22    ab      123
        3     𠮷\u{E000}      4
        """)
  }

  @Test("A line break in a value cannot break a table")
  func lineBreak() {
    var table = TextTable(["a"])
    table.add(["x\ny\u{1B}[31m"])
    #expect(table.text == "a\n───────\nx·y·[31m".replacing("───────", with: "────────"))
  }

  @Test("status shows the node and each link, in both languages")
  func status() throws {
    let document = try JSON(
      parsing: """
        {"node":"450103001005","tier":"village","name":"新竹社区","incarnation":1,"state":"running",
        "unsealed":0,"feed_head":{"bulk":12,"urgent":0},"links":[{"peer":"450103001000",
        "role":"parent","loop":"inner","state":"catching_up","reason":"trouble: its store","to_send":3,
        "unacked":1,"behind_seconds":0.25,"catch_up":{"done":50,"total":200}}]}
        """)
    let english = Report(.english).status(document)
    #expect(english.contains("bulk 12, urgent 0"))
    #expect(english.contains("catching up"))
    #expect(english.contains("50/200 (25 %)"))
    // Below the table: within it, one long reason would push every column off the screen.
    #expect(
      english.hasSuffix(
        "\n\n450103001000  the peer's database failed; it is tried again (its store)"))
    let chinese = Report(.chinese).status(document)
    #expect(chinese.contains("村/社区"))
    #expect(chinese.contains("追赶中"))
  }

  @Test("status says whose certificate was refused, why, when and what to do, in both languages")
  func refusedCertificates() throws {
    let document = try JSON(
      parsing: """
        {"node":"450103001000","links":[{"peer":"450103000000","role":"parent","state":"refused",
        "reason":"certificate_refused: the node at h:1 refuses it"}],
        "refused_certificates":[{"peer":"450103001005","code":"certificate-expired",
        "reason":"it ended 3 days ago","genuine":true,"count":7,"first_at":"2026-01-01T00:00:00Z",
        "last_at":"2026-01-02T00:00:00Z"}]}
        """)
    let english = Report(.english).status(document)
    #expect(
      english.contains("replace this node's certificate; the peer's huijiactl status says why"))
    #expect(english.contains("Refused certificates (named as they call themselves)\n"))
    #expect(english.contains("the certificate has ended; replace that node's certificate"))
    #expect(english.contains("(it ended 3 days ago)"))
    #expect(english.contains("2026-01-02T00:00:00Z"))
    let chinese = Report(.chinese).status(document)
    #expect(chinese.contains("对端不接受本节点的证书; 更换本节点的证书"))
    #expect(chinese.contains("证书已过期; 为该节点更换证书"))
  }

  @Test("links gives times to the second, verify says why a link was not compared")
  func timesAndReasons() throws {
    let links = try JSON(
      parsing: """
        [{"peer":"450103001000","state":"live","received_at":"2026-11-22T10:43:14.130299Z",
        "verified_at":"2026-11-22T10:40:00.000001Z","verify_different":2}]
        """)
    let text = Report(.english).links(links)
    #expect(
      text.contains("2026-11-22T10:43:14Z") && text.contains("2026-11-22T10:40:00Z (different 2)"))
    let verification = try JSON(
      parsing: """
        {"links":[{"peer":"450103001000","state":"not_compared","reason":"not_live"},
        {"peer":"450103001001","state":"not_compared","reason":"not_now: no policy"}]}
        """)
    let english = Report(.english).verification(verification)
    #expect(english.contains("the link is not live"))
    #expect(english.contains("the peer cannot compare now (no policy)"))
    #expect(Report(.chinese).verification(verification).contains("链路不通"))
  }

  @Test("ledger show lists what a code may be")
  func codes() throws {
    let ledger = try JSON(
      parsing: """
        {"name":"resident","fields":[{"name":"sex","type":"code",
        "codes":[{"code":"1","title":"男性"},{"code":"2","title":"女性"}]},
        {"name":"phone","type":"phone","codes":null}]}
        """)
    #expect(Report(.english).ledger(ledger).hasSuffix("\n\nsex: 1 男性, 2 女性"))
  }

  @Test("No links and no records are said, not shown as an empty table")
  func empty() {
    #expect(Report(.english).links([:]) == "No links.")
    #expect(Report(.english).trace([]) == "(none)")
  }
}

@Suite("JSON documents")
struct JSONTests {
  @Test(
    "A document comes back as it was",
    arguments: [
      #"{"a":[1,-2.5e3,true,null],"中":"𠮷\n\"\\ "}"#, "[]", "{}", #""""#, "[[],{}]",
    ])
  func roundTrip(text: String) throws {
    let document = try JSON(parsing: text)
    #expect(document.serialised == text)
  }

  @Test("Escapes are understood, pairs of surrogates too")
  func escapes() throws {
    let document = try JSON(parsing: #""\ud842\udfb7\u00e9\/""#)
    #expect(document.text == "𠮷é/")
  }

  @Test(
    "What is no document is refused with its place",
    arguments: [
      ("", 0), ("[1,]", 3), ("{\"a\" 1}", 5), ("[1] 2", 4), ("\"\\ud842\"", 7), ("nul", 3),
      ("\"\u{1}\"", 2), (String(repeating: "[", count: 100), 65),
    ])
  func refused(text: String, offset: Int) {
    #expect(throws: JSON.ParseError(offset: offset)) { try JSON(parsing: text) }
  }
}
