extension Phrase {
  /// The words that JSON documents use, as people read them.
  private static let words: [String: Phrase] = [
    "live": Phrase("畅通", "live"),
    "connecting": Phrase("连接中", "connecting"),
    "paused": Phrase("已暂停", "paused"),
    "refused": Phrase("被拒绝", "refused"),
    "catching_up": Phrase("追赶中", "catching up"),
    "parent": Phrase("上级", "parent"),
    "child": Phrase("下级", "child"),
    "inner": Phrase("内循环", "inner"),
    "outer": Phrase("外循环", "outer"),
    "running": Phrase("运行中", "running"),
    "waiting_for_policy": Phrase("等待权限文件", "waiting for a policy"),
    "waiting_for_parent": Phrase("等待上级应答后方可签名", "waiting for the parent before signing"),
    "waiting_for_child": Phrase("等待下级应答后方可签名", "waiting for a child before signing"),
    "renumbering": Phrase("正在换用新的化身", "beginning a new incarnation"),
    "starting": Phrase("启动中", "starting"),
    "stopping": Phrase("停止中", "stopping"),
    "stopped": Phrase("已停止", "stopped"),
    "failed": Phrase("已失败", "failed"),
    "equal": Phrase("一致", "equal"),
    "different": Phrase("不一致", "different"),
    "moving": Phrase("传输中", "under way"),
    "not_compared": Phrase("未核对", "not compared"),
    "not_live": Phrase("链路不通", "the link is not live"),
    "peer_too_old": Phrase("对端版本过旧,请升级对端", "the peer's version cannot compare: upgrade it"),
    "busy": Phrase("正在核对中,请稍后再试", "it is being compared already: try again later"),
    "no_answer": Phrase("对端未及时应答,请再试", "no answer in time: try again"),
    "not_now": Phrase("对端现在不能核对", "the peer cannot compare now"),
    "nonsense": Phrase("对端的应答与所问不符,检查其版本", "the peer's answer does not fit: check its version"),
    "valid": Phrase("有效", "valid"),
    "invalid": Phrase("无效", "invalid"),
    "missing": Phrase("缺失", "missing"),
    "region": Phrase("省/自治区", "region"),
    "city": Phrase("市", "city"),
    "county": Phrase("县/区", "county"),
    "town": Phrase("乡镇/街道", "town"),
    "village": Phrase("村/社区", "village"),
    "department": Phrase("部门", "department"),
    "bulk": Phrase("常规", "bulk"),
    "no_key_yet": Phrase("等待上级公钥", "waits for the parent's key"),
    "parent_may_not_see": Phrase("上级无权查看,须人工移交", "the parent may not see it: hand it over"),
    "not_asked_yet": Phrase("尚未询问上级", "the parent was not asked yet"),
    "not_confirmed": Phrase("上级尚未确认", "the parent has not confirmed it"),
    "handover_taken": Phrase("已接收", "taken in"),
    "handover_known": Phrase("已有", "here already"),
    "handover_waiting": Phrase("等待加锁记录", "waiting for a locked record"),
    "handover_absent": Phrase("记录未到达", "record not here"),
    "handover_outside": Phrase("超出权限", "outside this node's scope"),
    "handover_refused": Phrase("被拒绝", "refused"),
    "urgent": Phrase("紧急", "urgent"),
    "pending": Phrase("待处理", "pending"),
    "by_rule": Phrase("按规则", "by rule"),
    "rank": Phrase("权威更高", "rank"),
    "later_time": Phrase("时间更晚", "later time"),
    "earlier_claim": Phrase("申报更早", "earlier claim"),
    "greater_dot": Phrase("变更点更大", "greater dot"),
    "revival": Phrase("删除时未见此修改", "put back: the deletion had not seen this edit"),
  ]

  /// A word in both languages; the word itself when it has no translation.
  static func word(both word: String) -> Phrase { words[word] ?? Phrase(word, word) }

  /// A word of a JSON document for people; the word itself when it has no translation.
  package static func word(_ word: String, in language: Language) -> String {
    words[word]?.text(in: language) ?? word
  }
}
