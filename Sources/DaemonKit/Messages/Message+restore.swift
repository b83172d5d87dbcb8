extension Message {
  /// Backups, lost disks, and clocks that are off.
  static let restoreMessages: [Message] = [
    highWaterForeign, labNodeRuns, labBackupUnreadable, labBackupForeign, labClockInvalid,
  ]

  package static let highWaterForeign = Message(
    "high-water-foreign", zh: "{path} 属于节点 {found},不属于 {node}",
    en: "{path} is of node {found}, not of {node}",
    hintZh: "检查 node.yaml 的 state_directory;每个节点必须有自己的目录",
    hintEn: "check state_directory in node.yaml: every node needs one of its own")
  package static let labNodeRuns = Message(
    "lab-node-runs", zh: "节点 {node} 正在运行", en: "node {node} is running",
    hintZh: "先用 huijia-lab stop --dir {path} {node} 停止",
    hintEn: "stop it first with huijia-lab stop --dir {path} {node}")
  package static let labBackupUnreadable = Message(
    "lab-backup-unreadable", zh: "{file} 不是可用的备份:{detail}",
    en: "{file} is no usable backup: {detail}",
    hintZh: "用 huijia-lab backup 制作备份", hintEn: "make one with huijia-lab backup")
  package static let labBackupForeign = Message(
    "lab-backup-foreign", zh: "{file} 是数据库 {found} 的备份,不是 {expected} 的",
    en: "{file} is a backup of database {found}, not of {expected}")
  package static let labClockInvalid = Message(
    "lab-clock-invalid", zh: "时钟偏差 {offset} 不是秒数", en: "{offset} is no number of seconds")
}
