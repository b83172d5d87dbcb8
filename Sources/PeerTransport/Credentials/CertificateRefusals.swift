package import NodeIdentity
import Synchronization

/// A certificate that this node did not accept.
package struct RefusedCertificate: Sendable, Hashable {
  /// Whose it says it is, on nobody's word but its own; nil when that cannot be read.
  package let claimed: IdentityName?
  /// Why, and what to do.
  package let reason: IdentityError

  package init(claimed: IdentityName?, reason: IdentityError) {
    self.claimed = claimed
    self.reason = reason
  }

  /// Whether the region's root vouches for the name: nothing is wrong but the time.
  package var isGenuine: Bool {
    if case .expired = reason { true } else { false }
  }
}

/// The certificates that this node refused since it began, for `status`: TLS tells the other end no more than that it was refused.
package final class CertificateRefusals: Sendable {
  /// One name refused for one kind of reason, however often.
  package struct Entry: Sendable, Hashable {
    /// The last one.
    package var certificate: RefusedCertificate
    package var count: UInt64
    /// Microseconds since 1970 UTC.
    package let firstAt: Int64
    /// Likewise.
    package var lastAt: Int64
  }

  /// The most entries that are kept: strangers choose their names, and must not fill the memory.
  package static let limit = 32

  private let entries = Mutex<[Entry]>([])

  package init() {}

  /// Takes note of a refusal at `now`, microseconds since 1970 UTC. Where too many are known, the one that is longest ago is forgotten.
  package func add(_ certificate: RefusedCertificate, now: Int64) {
    entries.withLock { entries in
      let known = entries.firstIndex {
        $0.certificate.claimed == certificate.claimed
          && $0.certificate.reason.code == certificate.reason.code
      }
      if let known {
        entries[known].certificate = certificate
        entries[known].count += 1
        entries[known].lastAt = now
        return
      }
      if entries.count >= Self.limit,
        let oldest = entries.indices.min(by: { entries[$0].lastAt < entries[$1].lastAt })
      {
        entries.remove(at: oldest)
      }
      entries.append(Entry(certificate: certificate, count: 1, firstAt: now, lastAt: now))
    }
  }

  /// All that are kept, the latest first.
  package var all: [Entry] {
    entries.withLock { $0 }.sorted { $0.lastAt > $1.lastAt }
  }
}
