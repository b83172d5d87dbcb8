/// A short text of a report, such as a column's title, in both languages.
package struct Phrase: Sendable {
  package let chinese: String
  package let english: String

  /// Makes a phrase.
  package init(_ chinese: String, _ english: String) {
    self.chinese = chinese
    self.english = english
  }

  /// The text in one language.
  package func text(in language: Language) -> String {
    language == .chinese ? chinese : english
  }
}

extension Phrase {
  static let error = Phrase("错误:", "error: ")
  static let note = Phrase("注意:", "note: ")
  static let hint = Phrase("  怎么办:", "  what to do: ")
  static let yes = Phrase("是", "yes")
  static let no = Phrase("否", "no")
  package static let none = Phrase("(无)", "(none)")

  static let node = Phrase("节点", "node")
  static let incarnation = Phrase("化身", "incarnation")
  static let state = Phrase("状态", "state")
  static let clock = Phrase("时钟偏差", "clock offset")
  static let unsealed = Phrase("未封存", "unsealed")
  static let feedHead = Phrase("变更流末端", "feed head")
  static let conflicts = Phrase("待处理冲突", "open conflicts")
  static let quarantine = Phrase("隔离", "quarantined")
  static let parked = Phrase("暂停等待", "parked")
  static let policyEpoch = Phrase("权限版本", "policy epoch")
  static let catalogEpoch = Phrase("目录版本", "catalog epoch")
  static let peer = Phrase("对端", "peer")
  static let role = Phrase("角色", "role")
  static let loop = Phrase("循环", "loop")
  static let toSend = Phrase("待发", "to send")
  static let unacked = Phrase("未确认", "unacked")
  static let behind = Phrase("落后", "behind")
  static let received = Phrase("最近收到", "last received")
  static let catchUp = Phrase("追赶", "catch-up")
  static let reason = Phrase("原因", "reason")
  static let times = Phrase("次数", "times")
  static let lastTime = Phrase("最近一次", "last time")
  static let alarms = Phrase("告警:", "Alarms:")
  static let scopeApplied = Phrase("新权限文件已签发生效,版本", "the policy is signed and in force, epoch")
  static let refusedCertificates = Phrase(
    "未接受的证书(名称以证书自称为准)", "Refused certificates (named as they call themselves)")
  static let noLinks = Phrase("没有链路。", "No links.")

  static let field = Phrase("字段", "field")
  static let value = Phrase("值", "value")
  static let author = Phrase("填写人", "author")
  static let time = Phrase("时间", "time")
  static let dot = Phrase("变更点", "dot")
  static let rule = Phrase("规则", "rule")
  static let signature = Phrase("签名", "signature")

  static let name = Phrase("名称", "name")
  static let title = Phrase("标题", "title")
  static let key = Phrase("主键", "key")
  static let homes = Phrase("归属", "homes")
  static let lane = Phrase("通道", "lane")
  static let fields = Phrase("字段数", "fields")
  static let type = Phrase("类型", "type")
  static let sensitive = Phrase("敏感", "sensitive")
  static let authorities = Phrase("权威来源", "authorities")
  static let read = Phrase("可读", "read")
  static let maintain = Phrase("可维护", "maintain")
  static let mask = Phrase("脱敏", "mask")
  package static let tier = Phrase("层级", "tier")
  package static let parent = Phrase("上级", "parent")
  package static let process = Phrase("进程", "pid")
}
