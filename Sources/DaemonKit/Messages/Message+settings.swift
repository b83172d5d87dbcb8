extension Message {
  /// Wrong usage and configuration.
  static let settingsMessages: [Message] = [
    usage, fileUnreadable, fileUnwritable, settingsInvalid, yamlSyntax, yamlUnknownKey,
    yamlUnknownKeyNear, yamlMissing, yamlWrongKind, yamlRepeated, valueInvalid, fileMissing,
    keyTooOpen, parentNotAbove, regionNeedsNoParent, parentMissing, governanceOnlyAtRegion,
    governanceMissing, socketPathTooLong, certificateUnusable, settingsValid,
  ]

  package static let usage = Message(
    "usage", zh: "{detail}", en: "{detail}",
    hintZh: "运行 {command} --help 查看用法", hintEn: "run {command} --help")
  package static let fileUnreadable = Message(
    "file-unreadable", zh: "无法读取 {path}:{reason}", en: "cannot read {path}: {reason}",
    hintZh: "检查路径和权限", hintEn: "check the path and its permissions")
  package static let fileUnwritable = Message(
    "file-unwritable", zh: "无法写入 {path}:{reason}", en: "cannot write {path}: {reason}",
    hintZh: "检查目录、权限和磁盘空间", hintEn: "check the directory, its permissions and free space")
  package static let settingsInvalid = Message(
    "settings-invalid", zh: "{path} 中有 {count} 处问题,没有作任何更改",
    en: "{count} problem(s) in {path}; nothing was changed",
    hintZh: "按上面的行号改正后,用 huijiad --check --config {path} 再检查",
    hintEn: "mend the lines above, then run huijiad --check --config {path}")
  package static let certificateUnusable = Message(
    "certificate-unusable", zh: "{key}:{whatZh}({detail})", en: "{key}: {whatEn} ({detail})")
  package static let settingsValid = Message(
    "settings-valid", zh: "{path}:没有问题", en: "{path}: no problems")
  package static let yamlSyntax = Message(
    "yaml-syntax", zh: "YAML 语法错误:{detail}", en: "YAML syntax error: {detail}")
  package static let yamlUnknownKey = Message(
    "yaml-unknown-key", zh: "未知的键 {key};这里可以写:{known}",
    en: "unknown key {key}; known here: {known}")
  package static let yamlUnknownKeyNear = Message(
    "yaml-unknown-key-near", zh: "未知的键 {key};是不是想写 {nearest}?",
    en: "unknown key {key}; did you mean {nearest}?")
  package static let yamlMissing = Message(
    "yaml-missing", zh: "缺少键 {key}", en: "key {key} is missing")
  package static let yamlWrongKind = Message(
    "yaml-wrong-kind", zh: "{key} 应为{expectedZh}", en: "{key} must be {expectedEn}")
  package static let yamlRepeated = Message(
    "yaml-repeated", zh: "{key} 重复出现", en: "{key} appears twice")
  package static let valueInvalid = Message(
    "value-invalid", zh: "{key} 的值 {value} 无效;应为{expectedZh}",
    en: "{key}: {value} is not valid; expected {expectedEn}")
  package static let fileMissing = Message(
    "file-missing", zh: "{key}:没有文件 {path}", en: "{key}: there is no file {path}")
  package static let keyTooOpen = Message(
    "key-too-open", zh: "{key}:私钥 {path} 其他用户可读;请运行 chmod 600 {path}",
    en: "{key}: other users can read the private key {path}; run chmod 600 {path}")
  package static let parentNotAbove = Message(
    "parent-not-above", zh: "上级 {parent} 不在节点 {node} 之上",
    en: "parent {parent} is not above node {node}")
  package static let regionNeedsNoParent = Message(
    "region-needs-no-parent", zh: "省级节点 {node} 没有上级;请删去 parent",
    en: "{node} is a region and has no parent; remove parent")
  package static let parentMissing = Message(
    "parent-missing", zh: "节点 {node} 不是省级节点,必须写 parent",
    en: "{node} is not a region, so parent is needed")
  package static let governanceOnlyAtRegion = Message(
    "governance-only-at-region", zh: "governance 只能写在省级节点;{node} 从上级得到目录和权限",
    en: "governance belongs to the region's node; {node} gets catalog and scopes from its parent")
  package static let governanceMissing = Message(
    "governance-missing", zh: "省级节点 {node} 必须写 governance(台账目录和权限文件)",
    en: "{node} is a region and needs governance (ledger directory and scopes file)")
  package static let socketPathTooLong = Message(
    "socket-path-too-long", zh: "套接字路径 {path} 有 {bytes} 字节;操作系统最多允许 107 字节",
    en: "the socket path {path} has {bytes} bytes; the system allows 107",
    hintZh: "用更短的目录", hintEn: "use a shorter directory")
}
