extension Message {
  /// Comparing the two ends of a link.
  static let verifyMessages: [Message] = [linkUnknown, linksDiffer, linksNotCompared, linksMoving]

  package static let linkUnknown = Message(
    "link-unknown", zh: "本节点与 {peer} 没有链路;现有:{known}",
    en: "this node has no link with {peer}; there are: {known}")
  package static let linksDiffer = Message(
    "links-differ", zh: "有 {count} 条记录在链路两端不一致",
    en: "{count} record(s) differ at the two ends of a link",
    hintZh: "用 huijiactl verify --repair 修复;修复后仍不一致的,在两端用 huijiactl trace 查看该记录",
    hintEn:
      "mend them with huijiactl verify --repair; what still differs then, look at with huijiactl trace at both ends"
  )
  package static let linksNotCompared = Message(
    "links-not-compared", zh: "无法核对的链路:{peers}", en: "links that could not be compared: {peers}",
    hintZh: "用 huijiactl links 查看链路状态", hintEn: "see their state with huijiactl links")
  package static let linksMoving = Message(
    "links-moving", zh: "有 {count} 条记录一直在传输中,未能判定",
    en: "{count} record(s) were under way all the time and could not be judged",
    hintZh: "稍后再核对一次", hintEn: "verify once more later")
}
