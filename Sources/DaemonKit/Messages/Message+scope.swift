extension Message {
  /// Checking a policy, and putting it in force.
  static let scopeMessages: [Message] = [
    catalogInvalid, dayMalformed, policyRefused, scopeNotRegion, scopeInvalid, scopeNotNewer,
  ]

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
  package static let catalogInvalid = Message(
    "catalog-invalid", zh: "台账目录 {path} 有错误:\n{problems}",
    en: "the ledger folder {path} has mistakes:\n{problems}",
    hintZh: "--catalog 指定存放台账 *.yaml 的文件夹",
    hintEn: "--catalog names the folder with the ledgers' *.yaml")
  package static let dayMalformed = Message(
    "day-malformed", zh: "\"{day}\" 不是日期", en: "\"{day}\" is not a day",
    hintZh: "写成 2026-12-31", hintEn: "as in 2026-12-31")
  package static let policyRefused = Message(
    "policy-refused", zh: "权限文件 {path} 有 {count} 处错误,不能使用",
    en: "the policy {path} has {count} error(s) and cannot be used",
    hintZh: "改正后再检查;每种错误的含义见 docs/SCOPES.md",
    hintEn: "mend them and check again; docs/SCOPES.md explains each kind")
}
