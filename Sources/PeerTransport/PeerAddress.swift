import GRPCNIOTransportCore
import Glibc

/// Where a node listens: a host name or address, and a TCP port.
package struct PeerAddress: Hashable, Sendable, CustomStringConvertible {
  /// A DNS name, an IPv4 or an IPv6 address without brackets.
  package let host: String
  /// 0 … 65535; 0 lets the system choose when listening.
  package let port: Int

  /// Makes an address; nil for an empty host or a port out of range.
  package init?(host: String, port: Int) {
    guard !host.isEmpty, (0...65_535).contains(port) else { return nil }
    self.host = host
    self.port = port
  }

  /// Reads `host:port` or `[v6]:port`; nil for anything else.
  package init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":") else { return nil }
    var host = text[..<colon]
    let digits = text[text.index(after: colon)...]
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let port = Int(digits)
    else { return nil }
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    self.init(host: String(host), port: port)
  }

  /// `host:port`, with brackets around an IPv6 address.
  package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// What the client's name resolver takes.
  var target: any ResolvableTarget {
    if isAddress(of: AF_INET) { return .ipv4(address: host, port: port) }
    if isAddress(of: AF_INET6) { return .ipv6(address: host, port: port) }
    return .dns(host: host, port: port)
  }

  /// What the server binds to. A name is left to the system's resolver.
  var socket: SocketAddress {
    isAddress(of: AF_INET6) ? .ipv6(host: host, port: port) : .ipv4(host: host, port: port)
  }

  private func isAddress(of family: Int32) -> Bool {
    var bytes = in6_addr()
    return inet_pton(family, host, &bytes) == 1
  }
}
