extension Message {
  /// Talking to a daemon.
  static let controlMessages: [Message] = [
    daemonUnreachable, daemonAnswerUnreadable, controlDenied, signatureNotValid, recordUnknown,
    verbUnknown, noPolicyYet, ledgerUnknown, fieldUnknown, nodeMalformed,
    certificateOfAnother, quarantineUnknown, keyMalformed, commandUnknown, limitOutOfRange, listCut,
    verificationRefused,
  ]

  package static let verificationRefused = Message(
    "verification-refused", zh: "没有核验:{reason}", en: "nothing was verified: {reason}",
    hintZh: "{hint}", hintEn: "{hint}")
  package static let limitOutOfRange = Message(
    "limit-out-of-range", zh: "--limit 不能是 {limit}", en: "--limit cannot be {limit}",
    hintZh: "用 1 到 9999 的整数", hintEn: "give a whole number from 1 to 9999")
  package static let listCut = Message(
    "list-cut", zh: "只列出前 {limit} 项,还有更多", en: "only the first {limit} are listed; there are more",
    hintZh: "加大 --limit,或缩小范围(见 --help)", hintEn: "raise --limit, or narrow the list (see --help)")
  package static let daemonUnreachable = Message(
    "daemon-unreachable", zh: "无法连接守护进程的控制套接字 {socket}:{reason}",
    en: "cannot reach the daemon at its control socket {socket}: {reason}",
    hintZh: "检查 huijiad 是否在运行(systemctl status huijiad),或用 --control 或 HUIJIA_CONTROL 指定套接字",
    hintEn:
      "check that huijiad runs (systemctl status huijiad), or name the socket with --control or HUIJIA_CONTROL"
  )
  package static let controlDenied = Message(
    "control-denied", zh: "没有权限使用控制套接字 {socket}",
    en: "no permission to use the control socket {socket}",
    hintZh: "以运行 huijiad 的用户或 root 运行", hintEn: "run as huijiad's user or as root")
  package static let daemonAnswerUnreadable = Message(
    "daemon-answer-unreadable", zh: "守护进程对 {verb} 的回答无法读取:{detail}",
    en: "the daemon's answer to {verb} cannot be read: {detail}",
    hintZh: "检查 huijiad 和 huijiactl 的版本是否一致",
    hintEn: "check that huijiad and huijiactl are of one version")
  package static let signatureNotValid = Message(
    "signature-not-valid", zh: "台账 {ledger} 记录 {key}:{count} 个字段的签名无效或缺失",
    en: "ledger {ledger}, record {key}: the signature of {count} field(s) is invalid or missing",
    hintZh: "把输出保存下来,并用 huijiactl quarantine 查看被拒绝的变更",
    hintEn: "keep this output, and look at refused changes with huijiactl quarantine")
  package static let recordUnknown = Message(
    "record-unknown", zh: "台账 {ledger} 中没有记录 {key}", en: "ledger {ledger} has no record {key}",
    hintZh: "检查主键;也可能此节点无权看到它", hintEn: "check the key; or this node may not see it")
  package static let verbUnknown = Message(
    "verb-unknown", zh: "此守护进程不认识命令 {verb}", en: "this daemon does not know the verb {verb}",
    hintZh: "检查 huijiad 和 huijiactl 的版本是否一致",
    hintEn: "check that huijiad and huijiactl are of one version")
  package static let noPolicyYet = Message(
    "no-policy-yet", zh: "节点 {node} 还没有收到权限范围和台账目录",
    en: "node {node} has not received a policy and a catalog yet",
    hintZh: "它们随上级链路下发,请用 huijiactl links 查看链路",
    hintEn: "they come with the link to the parent: see huijiactl links")
  package static let ledgerUnknown = Message(
    "ledger-unknown", zh: "没有台账 {ledger};现有:{known}",
    en: "there is no ledger {ledger}; there are: {known}")
  package static let fieldUnknown = Message(
    "field-unknown", zh: "台账 {ledger} 没有字段 {field}", en: "ledger {ledger} has no field {field}",
    hintZh: "用 huijiactl ledger show {ledger} 查看字段",
    hintEn: "see its fields with huijiactl ledger show {ledger}")
  package static let nodeMalformed = Message(
    "node-malformed", zh: "{node} 不是节点编号", en: "{node} is no node id",
    hintZh: "节点编号是 12 位区划代码,部门再加斜线和代号",
    hintEn:
      "a node id is a 12-digit division code, for a department followed by a slash and its slug")
  package static let certificateOfAnother = Message(
    "certificate-of-another", zh: "节点 {node} 的证书属于 {found}",
    en: "the certificates of node {node} belong to {found}",
    hintZh: "检查 node.yaml 中 identity 一节的文件", hintEn: "check the files under identity in node.yaml")
  package static let keyMalformed = Message(
    "key-malformed", zh: "{key} 不是台账 {ledger} 的键:键 {name} 的类型是 {type}",
    en: "{key} is no key of ledger {ledger}: its key {name} is of type {type}",
    hintZh: "按 ledger.{ledger} 中 {name} 一列的样子填写",
    hintEn: "give it as column {name} of ledger.{ledger} shows it")
  package static let commandUnknown = Message(
    "command-unknown", zh: "没有命令 {command};现有:{known}",
    en: "there is no command {command}; there are: {known}")
  package static let quarantineUnknown = Message(
    "quarantine-unknown", zh: "隔离区中没有编号 {id}", en: "nothing in quarantine has the id {id}",
    hintZh: "用 huijiactl quarantine list 查看编号",
    hintEn: "see the ids with huijiactl quarantine list")
}
