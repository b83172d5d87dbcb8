extension Message {
  /// Checking a policy, and putting it in force.
  static let scopeMessages: [Message] = [
    catalogInvalid, dayMalformed, policyRefused, scopeNotRegion, scopeInvalid, scopeNotNewer,
    planNotRegion, planInvalid, planNotAsked, explainNotHeld, nodeMalformedNear, nodeCannotBe,
    nodeNotKnown, homeMalformed, scopeNotRenewed,
  ]

  package static let planNotRegion = Message(
    "plan-not-region", zh: "节点 {node} 没有权限文件的签名密钥,不能预演新文件",
    en: "node {node} has no key to sign policies with, and cannot plan one",
    hintZh: "在 {region} 的节点上运行", hintEn: "run it at the node of {region}")
  package static let planInvalid = Message(
    "plan-invalid", zh: "{file} 有 {count} 处错误,未预演:\n{problems}",
    en: "{file} has {count} problem(s) and was not planned:\n{problems}",
    hintZh: "改正后再运行", hintEn: "mend them and run it again")
  package static let planNotAsked = Message(
    "plan-not-asked", zh: "节点 {node} 现在不能预演:{reason}",
    en: "node {node} cannot plan now: {reason}",
    hintZh: "busy 表示另一次预演正在进行,等它结束后再运行",
    hintEn: "busy: another plan is under way; run it again when that has ended")
  package static let explainNotHeld = Message(
    "explain-not-held", zh: "节点 {node} 没有台账 {ledger} 的记录 {key},不知道它的归属",
    en: "node {node} does not hold record {key} of ledger {ledger} and cannot tell its homes",
    hintZh: "用 --home 区划代码 给出归属,或在持有该记录的节点上运行",
    hintEn: "name its homes with --home CODE, or run it at a node that holds the record")
  package static let nodeMalformedNear = Message(
    "node-malformed-near", zh: "{node} 不是节点编号;相近的节点:{nearest}",
    en: "{node} is no node id; known nodes near it: {nearest}",
    hintZh: "节点编号是 12 位区划代码,部门再加斜线和代号",
    hintEn:
      "a node id is a 12-digit division code, for a department followed by a slash and its slug")
  package static let nodeCannotBe = Message(
    "node-cannot-be", zh: "{node} 不可能是本树的节点;相近的节点:{nearest}",
    en: "{node} can be no node of this tree; known nodes near it: {nearest}",
    hintZh: "节点在 {region} 以内,层级为 {tiers},部门为 {departments}",
    hintEn: "nodes lie within {region}, at the tiers {tiers}, with the departments {departments}")
  package static let nodeNotKnown = Message(
    "node-not-known", zh: "本节点没有听说过节点 {node},只按权限文件判断;相近的节点:{nearest}",
    en:
      "this node has not heard of node {node}: judged by the policy alone; known nodes near it: {nearest}"
  )
  package static let homeMalformed = Message(
    "home-malformed", zh: "{home} 不是台账 {ledger} 的归属",
    en: "{home} is no home of ledger {ledger}",
    hintZh: "写成 12 位区划代码,或 列名=区划代码,列名为 {columns}",
    hintEn: "give a 12-digit division code, or COLUMN=CODE with one of {columns}")

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
  package static let scopeNotRenewed = Message(
    "scope-not-renewed", zh: "epoch {epoch} 的权限文件不能自动改写",
    en: "the text of the policy of epoch {epoch} cannot be renewed by a program",
    hintZh: "去掉到期的规则,用更高的 epoch 重新发布", hintEn: "take out what has ended, and give it the next epoch"
  )
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
