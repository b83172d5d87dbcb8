import Glibc
import Governance
import ReplicationCore
import ReplicationEngine

extension NodeSettingsReader {
  func database(_ map: ConfigMap) -> NodeSettings.Database {
    guard map.has("database"),
      let below = map.map("database", keys: ["conninfo", "application_role"])
    else { return .managed }
    guard let conninfo = below.requiredText("conninfo") else { return .managed }
    let role = below.text("application_role")?.text ?? ClusterDatabase.single.applicationRole
    return .existing(conninfo: conninfo.text, applicationRole: role)
  }

  func identity(_ map: ConfigMap) -> NodeSettings.Identity? {
    guard let below = map.requiredMap("identity", keys: ["root", "tls", "signing", "handover"])
    else {
      return nil
    }
    let root = file(below, "root", "identity.root", isKey: false)
    let tls = keyPair(below, "tls", "identity.tls")
    let signing = keyPair(below, "signing", "identity.signing")
    guard let root, let tls, let signing else { return nil }
    let handover = handover(below, beside: signing.key)
    return NodeSettings.Identity(root: root, tls: tls, signing: signing, handover: handover)
  }

  /// The hand-over key's file: beside the signing key unless the file says otherwise. It need not be there yet.
  private func handover(_ map: ConfigMap, beside key: String) -> String {
    let text = map.text("handover")
    let path = text.map { resolve($0) } ?? "\(LocalFile.parent(of: key))/handover.key"
    if let mode = LocalFile.mode(of: path), mode & 0o077 != 0 {
      let values = ["key": "identity.handover", "path": path]
      problems.add(line: text?.line ?? map.line, .keyTooOpen, values)
    }
    return path
  }

  func governance(
    _ map: ConfigMap, of node: NodeID?, isRoot: Bool
  ) -> NodeSettings.Governance? {
    guard let below = map.map("governance", keys: ["catalog", "scopes", "policy"]) else {
      if isRoot, let node, Tier(of: node) == .region, !map.has("governance") {
        problems.add(line: map.line, .governanceMissing, ["node": "\(node)"])
      }
      return nil
    }
    if !isRoot, let node {
      problems.add(line: below.line, .governanceOnlyAtRegion, ["node": "\(node)"])
    }
    let catalog = file(below, "catalog", "governance.catalog", isKey: false)
    let scopes = file(below, "scopes", "governance.scopes", isKey: false)
    let policy = keyPair(below, "policy", "governance.policy")
    guard let catalog, let scopes, let policy else { return nil }
    return NodeSettings.Governance(catalog: catalog, scopes: scopes, policy: policy)
  }

  func logLevel(_ map: ConfigMap) -> NodeSettings.LogLevel {
    guard let text = map.text("log_level") else { return .info }
    guard let level = NodeSettings.LogLevel(rawValue: text.text) else {
      let known = NodeSettings.LogLevel.allCases.map(\.rawValue).joined(separator: ", ")
      problems.invalid(text, "log_level", expected: Phrase(known, known))
      return .info
    }
    return level
  }

  func limits(_ map: ConfigMap) -> NodeSettings.Limits {
    var limits = NodeSettings.Limits()
    let keys = [
      "unacknowledged_bytes", "feed_kept_entries", "seal_rows", "came_home_rows",
      "came_home_days", "handover_rows", "handover_receipt_days", "verify_minutes",
      "child_bytes_per_minute", "child_changes_per_minute", "child_fields_per_minute",
      "child_base_entries_per_minute",
      "child_new_keys_per_minute",
    ]
    guard let below = map.map("limits", keys: keys) else { return limits }
    func take(_ key: String, _ range: ClosedRange<Int>, _ value: inout Int) {
      if let number = below.integer(key, in: range) { value = number }
    }
    take("unacknowledged_bytes", 65_536...1_073_741_824, &limits.unacknowledgedBytes)
    take("feed_kept_entries", 10_000...1_000_000_000, &limits.feedKeptEntries)
    take("handover_rows", 1...1_000_000_000, &limits.handoverRows)
    take("handover_receipt_days", 1...36_500, &limits.handoverReceiptDays)
    take("seal_rows", 1...100_000, &limits.sealRows)
    take("came_home_rows", 0...100_000_000, &limits.cameHomeRows)
    take("came_home_days", 1...36_500, &limits.cameHomeDays)
    take("verify_minutes", 0...525_600, &limits.verifyMinutes)
    func take(_ key: String, _ value: inout UInt64) {
      // At least one full parcel of the smallest things.
      if let number = below.integer(key, in: 1_000_000...1_000_000_000_000) {
        value = UInt64(number)
      }
    }
    take("child_bytes_per_minute", &limits.intake.bytesPerMinute)
    take("child_changes_per_minute", &limits.intake.changesPerMinute)
    take("child_fields_per_minute", &limits.intake.fieldsPerMinute)
    take("child_base_entries_per_minute", &limits.intake.baseEntriesPerMinute)
    take("child_new_keys_per_minute", &limits.intake.newKeysPerMinute)
    return limits
  }

  private func keyPair(_ map: ConfigMap, _ key: String, _ name: String) -> NodeSettings.KeyPair? {
    guard let below = map.requiredMap(key, keys: ["certificate", "key"]) else { return nil }
    let certificate = file(below, "certificate", "\(name).certificate", isKey: false)
    let secret = file(below, "key", "\(name).key", isKey: true)
    guard let certificate, let secret else { return nil }
    return NodeSettings.KeyPair(certificate: certificate, key: secret)
  }

  /// The path of a file or directory that must be there; a private key must be closed to other users.
  private func file(_ map: ConfigMap, _ key: String, _ name: String, isKey: Bool) -> String? {
    guard let text = map.requiredText(key) else { return nil }
    let path = resolve(text)
    guard let mode = LocalFile.mode(of: path) else {
      problems.add(line: text.line, .fileMissing, ["key": name, "path": path])
      return path
    }
    if isKey, mode & 0o077 != 0 {
      problems.add(line: text.line, .keyTooOpen, ["key": name, "path": path])
    }
    return path
  }
}
