extension Message {
  /// Why a link is not live, by the code that begins its reason in `status`: `link.` and that code.
  static let linkMessages: [Message] = [
    link(
      "unreachable", "无法连接对端", "the peer cannot be reached", "检查网络和对端的 huijiad",
      "check the network and the peer's huijiad"),
    link(
      "store", "本节点的数据库出错", "this node's database failed", "检查数据库和磁盘空间",
      "check the database and free space"),
    link("trouble", "对端的数据库出错,将自动重试", "the peer's database failed; it is tried again"),
    link("stopping", "对端正在停止", "the peer is stopping"),
    link("replaced", "已有更新的连接", "a newer connection took over"),
    link(
      "paused", "操作员已暂停此链路", "an operator paused this link", "用 huijiactl resume 恢复",
      "run huijiactl resume"),
    link(
      "unknown_protocol", "两端没有共同的协议版本", "no common protocol version", "升级较旧的一端",
      "upgrade the older end"),
    link(
      "wrong_identity", "对端的证书与它声明的节点不符",
      "the peer's certificate is not of the node it claims to be", "检查 parent.address 和证书",
      "check parent.address and the certificates"),
    link(
      "untrusted", "对端的证书未被本节点接受", "this node does not accept the peer's certificate",
      "在对端更换证书;若证书本身有效,检查本机时钟和 identity.root",
      "replace it at the peer; where it is good, check this machine's clock and identity.root"),
    link(
      "certificate_refused", "对端不接受本节点的证书", "the peer does not accept this node's certificate",
      "更换本节点的证书;原因见对端 huijiactl status",
      "replace this node's certificate; the peer's huijiactl status says why"),
    link(
      "not_related", "对端既不是上级也不是下级", "the peer is neither parent nor child",
      "检查 node.yaml 的 node 和 parent", "check node and parent in node.yaml"),
    link(
      "restored", "有一端从旧备份恢复", "one end was restored from an old backup", "查看日志中的节点名",
      "see the log for which one"),
    link(
      "renumbered", "一端从备份恢复,以新的化身重新连接",
      "an end was restored from a backup and comes back with a new incarnation"),
    link(
      "waiting", "对端在上级应答之前不能签名", "the peer may sign nothing before its parent has answered",
      "检查对端与其上级的链路", "check the link of the peer with its own parent"),
    link("malformed", "收到无法解读的数据", "unreadable data came", "检查两端的版本", "check both ends' versions"),
    link("oversized", "收到的帧过大", "a frame was too large"),
    link("unsupported", "收到保留类型的帧", "a frame of a reserved kind came"),
    link("unexpected", "帧来得不是时候", "a frame came at the wrong time"),
    link("replayed", "数据重复发送", "data came twice"),
    link("out_of_order", "数据次序不对", "data came out of order"),
    link("flood", "未确认的数据过多", "too much unacknowledged data"),
    link(
      "forged", "签名或证明无效", "a signature or proof does not hold", "保存日志,检查对端的证书",
      "keep the log, and check the peer's certificates"),
    link(
      "document_refused", "权限或目录文件不是本省签发,或无法读取",
      "the policy or catalog is not the region's, or unreadable"),
    link("no_policy", "还没有权限文件,暂不传输数据", "there is no policy yet, so no data flows"),
  ]

  /// Why a certificate was not accepted, by the code of `IdentityError`.
  static let certificateMessages: [Message] = [
    Message(
      "certificate-malformed", zh: "证书无法解读", en: "the certificate cannot be read",
      hintZh: "确认对端是本系统的节点", hintEn: "see whether it is a node of this system at all"),
    Message(
      "certificate-foreign-root", zh: "证书不是本省签发", en: "the certificate is not of this region",
      hintZh: "两端须在同一省份注册;若不认识该节点,可能有人冒名",
      hintEn:
        "both nodes must be enrolled in one region; if you do not know it, it may be a stranger"),
    Message(
      "certificate-expired", zh: "证书已过期", en: "the certificate has ended",
      hintZh: "为该节点更换证书,并检查本机时钟",
      hintEn: "replace that node's certificate, and check this machine's clock"),
    Message(
      "certificate-foreign-prefix", zh: "签发机构无权签发该区划的证书",
      en: "its authority may not sign for that division",
      hintZh: "由该区划自己的机构或省级重新签发;并检查签发机构是否失控",
      hintEn:
        "have the division's own authority or the region issue it; see whether that authority is out of hand"
    ),
    Message(
      "certificate-wrong-purpose", zh: "证书用途不符", en: "the certificate is for something else",
      hintZh: "检查该节点 node.yaml 的 identity.tls",
      hintEn: "check identity.tls in that node's node.yaml"),
    Message(
      "certificate-wrong-node", zh: "证书属于另一个节点", en: "the certificate is another node's",
      hintZh: "检查 parent.address", hintEn: "check parent.address"),
    Message(
      "certificate-file", zh: "证书文件无法读写", en: "a certificate's file cannot be read or written",
      hintZh: "检查路径和权限", hintEn: "check its path and mode"),
  ]

  private static func link(
    _ code: String, _ zh: String, _ en: String, _ hintZh: String = "", _ hintEn: String = ""
  ) -> Message {
    Message("link.\(code)", zh: zh, en: en, hintZh: hintZh, hintEn: hintEn)
  }
}
