extension Message {
  /// The conflict inbox.
  static let conflictMessages: [Message] = [
    conflictUnknown, conflictChanged, conflictRefused, conflictValueInvalid, conflictNeedsChoice,
    conflictValueUnknown, conflictOfAnotherField, conflictKindUnknown, conflictsNeedSelection,
    conflictsNotConfirmed, conflictsLeft, fieldNeedsLedger, authorityMalformed, existenceMalformed,
  ]

  package static let conflictUnknown = Message(
    "conflict-unknown", zh: "没有编号为 {id} 的冲突,可能已经处理", en: "there is no conflict {id}, or no longer",
    hintZh: "用 huijiactl conflicts list 查看", hintEn: "see huijiactl conflicts list")
  package static let conflictChanged = Message(
    "conflict-changed", zh: "冲突 {id} 的取值在您查看之后有变化,没有写入",
    en: "the values of conflict {id} are not those that you saw; nothing was written",
    hintZh: "用 huijiactl conflicts show {id} 再看一次",
    hintEn: "look again: huijiactl conflicts show {id}")
  package static let conflictRefused = Message(
    "conflict-refused", zh: "本节点无权处理这个冲突:{reason}",
    en: "this node may not resolve the conflict: {reason}",
    hintZh: "请有权的节点处理:{maintainers}", hintEn: "ask who may: {maintainers}")
  package static let conflictValueInvalid = Message(
    "conflict-value-invalid", zh: "该值不能写入:{reason}", en: "the value cannot be written: {reason}",
    hintZh: "用 huijiactl ledger show 查看字段的类型", hintEn: "see the field's type: huijiactl ledger show"
  )
  package static let conflictNeedsChoice = Message(
    "conflict-needs-choice", zh: "须在 --take、--value、--clear 中选择一个",
    en: "exactly one of --take, --value and --clear is needed",
    hintZh: "--take 后写 conflicts show 中取值的序号",
    hintEn: "--take names a value by its number in conflicts show")
  package static let conflictValueUnknown = Message(
    "conflict-value-unknown", zh: "冲突 {id} 没有序号为 {number} 的取值",
    en: "conflict {id} has no value {number}",
    hintZh: "用 huijiactl conflicts show {id} 查看序号",
    hintEn: "see the numbers: huijiactl conflicts show {id}")
  package static let conflictOfAnotherField = Message(
    "conflict-of-another-field", zh: "冲突 {id} 的字段是 {field},不是 {named}",
    en: "conflict {id} is about field {field}, not {named}")
  package static let conflictKindUnknown = Message(
    "conflict-kind-unknown", zh: "没有冲突种类 {kind}", en: "there is no kind of conflict {kind}",
    hintZh: "种类是 pending(待处理)或 by_rule(已按规则决定)", hintEn: "a kind is pending or by_rule")
  package static let conflictsNeedSelection = Message(
    "conflicts-need-selection", zh: "批量处理须指定 --ledger、--field 和 --authority",
    en: "resolving many needs --ledger, --field and --authority",
    hintZh: "--authority 是节点编号或层级名称(如 village)",
    hintEn: "an authority is a node's id or a tier such as village")
  package static let conflictsNotConfirmed = Message(
    "conflicts-not-confirmed", zh: "有 {count} 个冲突将取 {authority} 的值,尚未确认,没有写入",
    en: "{count} conflicts would take the value of {authority}; not confirmed, nothing was written",
    hintZh: "加上 --yes 执行", hintEn: "add --yes to do it")
  package static let conflictsLeft = Message(
    "conflicts-left", zh: "有 {count} 个冲突没有处理:{reason}",
    en: "{count} conflicts were not resolved: {reason}",
    hintZh: "用 huijiactl conflicts list 查看", hintEn: "see huijiactl conflicts list")
  package static let fieldNeedsLedger = Message(
    "field-needs-ledger", zh: "字段 {field} 属于哪个台账?", en: "field {field} of which ledger?",
    hintZh: "加上 --ledger", hintEn: "add --ledger")
  package static let authorityMalformed = Message(
    "authority-malformed", zh: "{authority} 不是节点编号,也不是层级",
    en: "{authority} is no node id and no tier",
    hintZh: "层级:region city county town village department",
    hintEn: "tiers: region city county town village department")
  package static let existenceMalformed = Message(
    "existence-malformed", zh: "记录是否存在只能是 true 或 false",
    en: "whether a record exists is true or false",
    hintZh: "true 保留,false 删除", hintEn: "true keeps the record, false deletes it")
}
