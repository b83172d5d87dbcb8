import DaemonKit
import Testing

@Suite("Messages for operators")
struct MessagesTests {
  @Test("Every code is there once")
  func unique() {
    let codes = Message.all.map(\.code)
    #expect(Set(codes).count == codes.count)
    #expect(codes.allSatisfy { !$0.isEmpty })
  }

  @Test("Every message says the same in both languages", arguments: Message.all.map(\.code))
  func complete(code: String) throws {
    let message = try #require(Message.named(code))
    #expect(!message.chinese.isEmpty && !message.english.isEmpty)
    #expect(message.hintChinese.isEmpty == message.hintEnglish.isEmpty)
    func names(_ text: String) -> Set<String> {
      // What differs by language is given once for each.
      Set(
        Message.placeholders(of: text).map { name in
          name.hasSuffix("Zh") ? String(name.dropLast(2)) + "En" : name
        })
    }
    #expect(names(message.chinese) == names(message.english))
    #expect(names(message.hintChinese) == names(message.hintEnglish))
  }

  @Test(
    "The language follows LC_ALL, LC_MESSAGES and LANG, in this order",
    arguments: [
      (["LANG": "zh_CN.UTF-8"], Language.chinese), (["LANG": "C.UTF-8"], .english), ([:], .english),
      (["LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"], .english),
      (["LANG": "en_US", "LC_MESSAGES": "zh_CN"], .chinese),
      (["LANG": "zh_CN", "LC_ALL": ""], .chinese),
    ])
  func language(environment: [String: String], expected: Language) {
    #expect(Language(environment: environment) == expected)
  }

  @Test("An error says what happened, its code, and what to do")
  func report() {
    let error = OperatorError(.labNodeUnknown, ["node": "1", "path": "/lab"], status: .usage)
    #expect(
      error.report(in: .english)
        == "error: the lab has no node 1 [lab-node-unknown]\n  what to do: see huijia-lab nodes --dir /lab"
    )
    #expect(error.report(in: .chinese).hasPrefix("错误:实验中没有节点 1 [lab-node-unknown]\n"))
  }
}
