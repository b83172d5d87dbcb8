package import ReplicationCore

/// What a certificate is for, as the one URI in its subject alternative name says.
///
/// | certificate of | URI |
/// |---|---|
/// | a node (TLS or signing) | `huijia://n<code>[.<slug>]/` |
/// | the region's root, a county's or a city's intermediate | `huijia://ca<code>/` |
/// | the region's policy | `huijia://policy<code>/` |
package enum IdentityName: Hashable, Sendable, CustomStringConvertible {
  /// A node; the key of the certificate tells its TLS from its signing one.
  case node(NodeID)
  /// An authority that may sign for ids whose code lies in `code`.
  case authority(DivisionCode)
  /// Who signs a region's policy and catalog.
  case policy(DivisionCode)

  /// The code that an issuer's own code must contain.
  package var code: DivisionCode {
    switch self {
    case .node(let node): node.code
    case .authority(let code), .policy(let code): code
    }
  }

  /// The URI, exactly as certificates carry it.
  package var uri: String {
    switch self {
    case .node(let node):
      node.slug.isEmpty ? "huijia://n\(node.code)/" : "huijia://n\(node.code).\(node.slug)/"
    case .authority(let code): "huijia://ca\(code)/"
    case .policy(let code): "huijia://policy\(code)/"
    }
  }

  /// Reads a URI of one of the three forms; nil for anything else, also for a form that only looks alike.
  package init?(uri: String) {
    guard let host = Self.host(of: uri) else { return nil }
    if let code = Self.code(in: host, after: "policy") {
      self = .policy(code)
    } else if let code = Self.code(in: host, after: "ca") {
      self = .authority(code)
    } else if host.hasPrefix("n") {
      let parts = host.dropFirst().split(
        separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
      guard let first = parts.first, let code = DivisionCode(first) else { return nil }
      if parts.count == 2 {
        guard !parts[1].isEmpty, let node = NodeID(code: code, slug: String(parts[1])) else {
          return nil
        }
        self = .node(node)
      } else {
        guard let node = NodeID(code: code) else { return nil }
        self = .node(node)
      }
    } else {
      return nil
    }
  }

  /// For messages: what the certificate is for, with its code.
  package var description: String {
    switch self {
    case .node(let node): "node \(node)"
    case .authority(let code): "authority \(code)"
    case .policy(let code): "policy of \(code)"
    }
  }

  private static func host(of uri: String) -> Substring? {
    let scheme = "huijia://"
    guard uri.hasPrefix(scheme), uri.hasSuffix("/"), uri.utf8.count > scheme.utf8.count else {
      return nil
    }
    return uri.dropFirst(scheme.count).dropLast()
  }

  private static func code(in host: Substring, after prefix: String) -> DivisionCode? {
    guard host.hasPrefix(prefix) else { return nil }
    return DivisionCode(host.dropFirst(prefix.count))
  }
}
