extension Message {
  /// The managed PostgreSQL cluster, and running other programs.
  static let clusterMessages: [Message] = [
    postgresMissing, clusterUserMissing, clusterUnreachablePath, commandMissing, commandFailed,
    clusterStartFailed, clusterForeign, databaseCommandFailed, directoryNotOurs,
  ]

  package static let postgresMissing = Message(
    "postgres-missing", zh: "没有找到 PostgreSQL 15 或更高版本的程序(initdb、postgres)",
    en: "found no programs of PostgreSQL 15 or later (initdb, postgres)",
    hintZh: "运行 apt-get install postgresql,或在 node.yaml 的 database.conninfo 中写已有的数据库",
    hintEn: "run apt-get install postgresql, or name an existing server in database.conninfo")
  package static let clusterUserMissing = Message(
    "cluster-user-missing", zh: "PostgreSQL 不能以 root 运行,而系统中没有用户 postgres 或 huijia",
    en: "PostgreSQL does not run as root, and there is no user postgres or huijia",
    hintZh: "运行 make deps,或 useradd --system huijia",
    hintEn: "run make deps, or useradd --system huijia")
  package static let clusterUnreachablePath = Message(
    "cluster-unreachable-path", zh: "用户 {user} 无法进入数据库目录 {path}",
    en: "user {user} cannot reach the database directory {path}",
    hintZh: "给上级目录加上执行权限(chmod o+x),或换一个目录",
    hintEn: "let others traverse the directories above it (chmod o+x), or choose another directory")
  package static let commandMissing = Message(
    "command-missing", zh: "无法运行 {command}:{reason}", en: "cannot run {command}: {reason}",
    hintZh: "检查程序是否已安装并在 PATH 中", hintEn: "check that it is installed and in PATH")
  package static let commandFailed = Message(
    "command-failed", zh: "{command} 以状态 {status} 结束:{detail}",
    en: "{command} ended with status {status}: {detail}")
  package static let clusterStartFailed = Message(
    "cluster-start-failed", zh: "数据库集群 {path} 没有启动:{detail}",
    en: "the database cluster {path} did not start: {detail}",
    hintZh: "查看日志 {log}", hintEn: "read the log {log}")
  package static let clusterForeign = Message(
    "cluster-foreign", zh: "{path} 不是空目录,也不是本程序建立的数据库集群",
    en: "{path} is neither empty nor a database cluster made by this program",
    hintZh: "换一个目录,或先移走其中的内容", hintEn: "choose another directory, or move its content away")
  package static let databaseCommandFailed = Message(
    "database-command-failed", zh: "数据库 {database} 拒绝了命令:{detail}",
    en: "database {database} refused a command: {detail}",
    hintZh: "查看日志 {log}", hintEn: "read the log {log}")
  package static let directoryNotOurs = Message(
    "directory-not-ours", zh: "目录 {path} 属于别的用户,不使用它",
    en: "directory {path} belongs to another user and is not used",
    hintZh: "删除它,或换一个实验目录", hintEn: "remove it, or choose another lab directory")
}
