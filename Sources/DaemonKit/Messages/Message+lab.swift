extension Message {
  /// The lab: a whole tree on one machine.
  static let labMessages: [Message] = [
    labMissing, labNodeUnknown, labSpecMissing, labSpecTier, labSpecOrphan, labSpecRoots,
    labDaemonMissing, labNodeNotUp, labLinkNotLive, labNotSettled, labNodeStopped, labLinkCut,
    labNodeNotRunning, labForwarderFailed, labLoadFailed, labNoHome, labInterrupted,
    labCutNeedsParent, labIdentityFailed, labStepFailed, labDemoFailed, labLedgerUnknown,
    labOtherTree, labMemberUnknown,
  ]

  package static let labMissing = Message(
    "lab-missing", zh: "{path} 不是实验目录", en: "{path} is no lab directory",
    hintZh: "用 huijia-lab up --dir {path} 建立", hintEn: "make it with huijia-lab up --dir {path}")
  package static let labOtherTree = Message(
    "lab-other-tree", zh: "{path} 中已有另一棵树:{title}",
    en: "{path} holds another tree already: {title}",
    hintZh: "换一个 --dir,或先运行 huijia-lab down --dir {path} --purge;要启动已有的树就不给 --spec 和 --divisions",
    hintEn:
      "take another --dir, or first run huijia-lab down --dir {path} --purge; to start the tree that is there, leave out --spec and --divisions"
  )
  package static let labMemberUnknown = Message(
    "lab-member-unknown", zh: "节点没有 {name} 这一项", en: "a node has no {name}",
    hintZh: "例如 conninfo、control、log;全部见 --json",
    hintEn: "such as conninfo, control, log; see --json for all")
  package static let labNodeUnknown = Message(
    "lab-node-unknown", zh: "实验中没有节点 {node}", en: "the lab has no node {node}",
    hintZh: "用 huijia-lab nodes --dir {path} 查看", hintEn: "see huijia-lab nodes --dir {path}")
  package static let labSpecMissing = Message(
    "lab-spec-missing", zh: "没有找到实验规格 {path}", en: "found no lab spec {path}",
    hintZh: "用 --spec 指定文件,例如 Config/lab/nanning.yaml",
    hintEn: "name one with --spec, such as Config/lab/nanning.yaml")
  package static let labSpecTier = Message(
    "lab-spec-tier", zh: "{node} 的层级应为 {expected},不是 {tier}",
    en: "{node}: its id says {expected}, not {tier}")
  package static let labSpecOrphan = Message(
    "lab-spec-orphan", zh: "{node} 在规格中没有上级节点", en: "{node} has no node above it in the spec")
  package static let labSpecRoots = Message(
    "lab-spec-roots", zh: "规格必须恰有一个省级节点,现有 {count} 个",
    en: "a spec needs exactly one region; this one has {count}")
  package static let labDaemonMissing = Message(
    "lab-daemon-missing", zh: "没有找到程序 huijiad", en: "cannot find the program huijiad",
    hintZh: "先运行 make build,或用 HUIJIAD 指定路径", hintEn: "run make build first, or name it in HUIJIAD")
  package static let labNodeNotUp = Message(
    "lab-node-not-up", zh: "节点 {node} 没有启动完成", en: "node {node} did not come up",
    hintZh: "查看日志 {log}", hintEn: "read the log {log}")
  package static let labLinkNotLive = Message(
    "lab-link-not-live", zh: "{node} 与上级 {parent} 之间的链路是 {state},不是 live",
    en: "the link between {node} and its parent {parent} is {state}, not live",
    hintZh: "查看日志 {log}", hintEn: "read the log {log}")
  package static let labNotSettled = Message(
    "lab-not-settled", zh: "{seconds} 秒内没有平静下来", en: "not settled within {seconds} s")
  package static let labNodeStopped = Message(
    "lab-node-stopped", zh: "节点 {node} 没有运行", en: "node {node} is not running")
  package static let labLinkCut = Message(
    "lab-link-cut", zh: "{node} 与上级之间的链路已断开({kind})",
    en: "the link between {node} and its parent is cut ({kind})")
  package static let labNodeNotRunning = Message(
    "lab-node-not-running", zh: "节点 {node} 没有运行", en: "node {node} is not running",
    hintZh: "用 huijia-lab start --dir {path} {node} 启动",
    hintEn: "start it with huijia-lab start --dir {path} {node}")
  package static let labForwarderFailed = Message(
    "lab-forwarder-failed", zh: "链路转发程序没有回答:{reason}",
    en: "the link forwarder does not answer: {reason}",
    hintZh: "再运行一次 huijia-lab up;日志 {log}", hintEn: "run huijia-lab up again; its log is {log}")
  package static let labLoadFailed = Message(
    "lab-load-failed", zh: "节点 {node} 的数据库没有接受台账 {ledger} 的记录(已写入 {done} 条):{detail}",
    en: "node {node}'s database did not take records of ledger {ledger} ({done} written): {detail}")
  package static let labNoHome = Message(
    "lab-no-home", zh: "节点 {node} 之下没有村级节点,不知道记录归属何处",
    en: "there is no village at or below {node}, so records would have no home")
  package static let labInterrupted = Message(
    "lab-interrupted", zh: "已中断", en: "interrupted",
    hintZh: "用 huijia-lab down --dir {path} 停止其余进程",
    hintEn: "stop what still runs with huijia-lab down --dir {path}")
  package static let labCutNeedsParent = Message(
    "lab-cut-needs-parent", zh: "{node} 没有上级,也就没有这条链路",
    en: "{node} has no parent, so there is no such link")
  package static let labIdentityFailed = Message(
    "lab-identity-failed", zh: "无法为 {node} 制作证书:{detail}",
    en: "cannot make certificates for {node}: {detail}")
  package static let labStepFailed = Message(
    "lab-step-failed", zh: "{detail}", en: "{detail}")
  package static let labDemoFailed = Message(
    "lab-demo-failed", zh: "演示中有 {count} 项检查没有通过", en: "{count} check(s) of the demo did not hold",
    hintZh: "日志在 {path}/logs", hintEn: "the logs are in {path}/logs")
  package static let labLedgerUnknown = Message(
    "lab-ledger-unknown", zh: "没有台账 {ledger} 的模拟数据;可用:{known}",
    en: "there are no synthetic records for ledger {ledger}; there are for: {known}")
}
