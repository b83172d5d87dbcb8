extension Message {
  /// Handing values over from one division to another.
  static let handoverMessages: [Message] = [
    handoverUnknown, handoverNotSealed, handoverNotExported, handoverTooLarge,
    handoverKeyUnknown, handoverDamaged, handoverSignerUnknown, handoverWrongReceiver,
    handoverOtherKey, handoverLedgerUnknown, handoverRecordAbsent, handoverNotAllowed,
  ]

  package static let handoverUnknown = Message(
    "handover-unknown", zh: "移交档案中没有待办项 {id}", en: "the hand-over archive has no open item {id}",
    hintZh: "用 huijiactl handover list 查看", hintEn: "see huijiactl handover list")
  package static let handoverNotSealed = Message(
    "handover-not-sealed", zh: "移交项 {id} 还没有加密给 {parent}",
    en: "item {id} is not sealed to {parent}",
    hintZh: "等上级链路畅通后再试;加密给不同节点的项要分开导出",
    hintEn: "wait for the link to the parent; export items of different recipients apart")
  package static let handoverNotExported = Message(
    "handover-not-exported", zh: "移交项 {id} 从未导出,确认会丢掉它的数据",
    en: "item {id} was never exported; confirming it would lose its values",
    hintZh: "先用 handover export 导出;确实不要了就加 --discard",
    hintEn: "export it first (handover export), or add --discard if nobody wants it")
  package static let handoverTooLarge = Message(
    "handover-too-large", zh: "移交文件有 {bytes} 字节,最多 {limit}",
    en: "the hand-over file would have {bytes} bytes, at most {limit} are allowed",
    hintZh: "一次少导出几项", hintEn: "export fewer items at a time")
  package static let handoverKeyUnknown = Message(
    "handover-key-unknown", zh: "{own} 不知道 {node} 的移交公钥",
    en: "{own} does not know the hand-over key of {node}",
    hintZh: "只能转给直接的上级或下级,且链路至少通过一次;更远的节点请逐级转交",
    hintEn:
      "forward to the parent or a child whose link was live at least once; a node further away is reached step by step"
  )
  package static let handoverDamaged = Message(
    "handover-damaged", zh: "移交文件已损坏或被改动:{detail}",
    en: "the hand-over file is damaged or was altered: {detail}",
    hintZh: "请对方重新导出或转交", hintEn: "ask for it to be exported or forwarded again")
  package static let handoverSignerUnknown = Message(
    "handover-signer-unknown", zh: "移交文件的签发节点 {node} 没有本省的有效证书",
    en: "the sender {node} of the hand-over file has no certificate of this region",
    hintZh: "检查文件来源", hintEn: "check where the file comes from")
  package static let handoverWrongReceiver = Message(
    "handover-wrong-receiver", zh: "移交文件是给 {receiver} 的,本节点是 {node}",
    en: "the hand-over file is for {receiver}, this is {node}",
    hintZh: "把文件交给 {receiver} 的操作员", hintEn: "give the file to the operator of {receiver}")
  package static let handoverOtherKey = Message(
    "handover-other-key", zh: "移交文件加密时用的不是 {node} 现在的公钥",
    en: "the hand-over file is sealed to another key than {node} has now",
    hintZh: "从备份恢复移交私钥(identity.handover)",
    hintEn: "restore the hand-over key (identity.handover) from a backup")
  package static let handoverLedgerUnknown = Message(
    "handover-ledger-unknown", zh: "移交文件用到台账 {ledger},目录版本 {epoch} 中没有它",
    en: "the hand-over file is about {ledger}, which catalog epoch {epoch} does not have",
    hintZh: "等目录更新后再导入", hintEn: "import it again once the catalog has come")
  package static let handoverRecordAbsent = Message(
    "handover-record-absent", zh: "有 {count} 条记录还没有到达本节点,例如台账 {ledger} 记录 {key}",
    en: "{count} record(s) have not come to this node, such as ledger {ledger}, record {key}",
    hintZh: "检查记录的归属地,等它到达后再导入同一个文件",
    hintEn: "check where the record belongs; when it has come, import the same file again")
  package static let handoverNotAllowed = Message(
    "handover-not-allowed", zh: "按权限范围未接收 {count} 条记录的数据,例如台账 {ledger} 记录 {key}",
    en:
      "the policy kept out the values of {count} record(s), such as ledger {ledger}, record {key}",
    hintZh: "用 huijiactl scope explain 和 huijiactl quarantine 查看原因",
    hintEn: "see why with huijiactl scope explain and huijiactl quarantine")
}
