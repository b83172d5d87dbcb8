extension Message {
  /// Putting a policy in force.
  static let scopeMessages: [Message] = [scopeNotRegion, scopeInvalid, scopeNotNewer]

  package static let scopeNotRegion = Message(
    "scope-not-region", zh: "节点 {node} 没有权限文件的签名密钥,不能使新文件生效",
    en: "node {node} has no key to sign policies with, and cannot put one in force",
    hintZh: "在 {region} 的节点上运行", hintEn: "run it at the node of {region}")
  package static let scopeInvalid = Message(
    "scope-invalid", zh: "{file} 有 {count} 处错误,未生效:\n{problems}",
    en: "{file} has {count} problem(s) and was not put in force:\n{problems}",
    hintZh: "改正后再运行", hintEn: "mend them and run it again")
  package static let scopeNotNewer = Message(
    "scope-not-newer", zh: "{file} 的 epoch 是 {epoch},现行的已是 {newest},未生效",
    en:
      "{file} is of epoch {epoch}, and epoch {newest} is in force already: it was not put in force",
    hintZh: "把文件的 epoch 改为 {next};要恢复旧规则,也要用更高的 epoch 重新发布",
    hintEn:
      "give it epoch {next}; former rules, too, come back only under a higher epoch")
}
