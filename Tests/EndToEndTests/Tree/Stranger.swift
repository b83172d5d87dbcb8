import DaemonKit
import LabKit
import ReplicationCore
import Testing

/// Somebody with certificates that nobody of the tree should accept.
///
/// The other root has the same region's code; only its key is another.
struct Stranger {
  let node = "450103001007"
  private let directory: String
  private let settings: String
  private var identity: String { "\(directory)/identities/nodes/\(node)" }

  /// Makes the other root's certificates, and settings that call it a village of the tree's town.
  init(_ tree: RealTree) throws {
    directory = "\(LocalFile.parent(of: tree.lab.directory))/stranger"
    settings = "\(directory)/node.yaml"
    let spec = "\(directory).yaml"
    try LocalFile.write(
      RealTree.spec + "  - {id: \"\(node)\", name: 冒名社区}\n", to: spec)
    try Lab.make(directory, spec: spec).makeIdentities()
    let cluster = try tree.lab.cluster()
    let database = ClusterDatabase(
      name: "stranger", daemonRole: "stranger", applicationRole: "app_stranger")
    try cluster.make([database])
    try LocalFile.makeDirectory("\(directory)/state", mode: 0o700)
    try LocalFile.write(
      """
      node: "\(node)"
      name: 冒名社区
      state_directory: "\(directory)/state"
      control: "\(directory)/c.sock"
      database:
        conninfo: "\(cluster.connection(to: database.name, as: database.daemonRole))"
        application_role: \(database.applicationRole)
      identity:
        root: "\(tree.lab.directory)/identities/root.pem"
        tls: {certificate: "\(identity)/tls.pem", key: "\(identity)/tls.key"}
        signing: {certificate: "\(identity)/signing.pem", key: "\(identity)/signing.key"}
      parent: {node: "\(tree.town.node)", address: "127.0.0.1:\(tree.town.listen)"}

      """, to: settings)
  }

  /// A daemon of ours with these certificates.
  func runDaemon() throws -> Program.Outcome {
    try BuiltPrograms.runDaemon(["--config", settings])
  }

  /// Shows the other root's certificate to a listening node, as a program not ours would.
  func knock(at port: Int) throws {
    try Self.knock(at: port, "\(identity)/tls.pem", "\(identity)/tls.key")
  }

  /// Has a county of the tree vouch for a node outside that county, and knocks with that.
  func knock(at port: Int, as foreigner: String, vouchedBy county: String) throws {
    let (key, request) = ("\(directory)/forged.key", "\(directory)/forged.csr")
    let (leaf, extensions) = ("\(directory)/forged.pem", "\(directory)/forged.ext")
    try LocalFile.write(
      """
      basicConstraints=critical,CA:FALSE
      keyUsage=critical,digitalSignature
      extendedKeyUsage=serverAuth,clientAuth
      subjectAltName=URI:huijia://n\(foreigner)/

      """, to: extensions)
    try Self.openssl([
      "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
      "/CN=\(foreigner)", "-keyout", key, "-out", request,
    ])
    try Self.openssl([
      "x509", "-req", "-in", request, "-CA", "\(county).pem", "-CAkey", "\(county).key", "-days",
      "30", "-set_serial", "7", "-extfile", extensions, "-out", leaf,
    ])
    try LocalFile.write(
      try LocalFile.readText(leaf) + LocalFile.readText("\(county).pem"), to: leaf)
    try Self.knock(at: port, leaf, key)
  }

  private static func knock(at port: Int, _ certificate: String, _ key: String) throws {
    // A refused handshake is an error of this program too: what counts is what the other end noted.
    _ = try Program(
      try #require(Program.find("openssl")),
      [
        "s_client", "-connect", "127.0.0.1:\(port)", "-alpn", "h2", "-brief", "-cert", certificate,
        "-cert_chain", certificate, "-key", key,
      ]
    ).run(input: Array("x".utf8))
  }

  private static func openssl(_ arguments: [String]) throws {
    try Program(try #require(Program.find("openssl")), arguments).runChecked()
  }
}
