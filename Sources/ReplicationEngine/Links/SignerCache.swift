package import SignedFeed
import Synchronization

/// The keys of the signers whose certificates this node keeps, checked once.
package final class SignerCache: KeyDirectory, Sendable {
  /// Checks certificates to the region's root.
  package let authority: any SignerAuthority
  private let keys = Mutex<[Digest: SignerKey]>([:])

  package init(authority: any SignerAuthority) { self.authority = authority }

  package func key(_ fingerprint: Digest) -> SignerKey? { keys.withLock { $0[fingerprint] } }

  /// Takes in certificates that are kept in the store; returns those that the authority does not admit (any more): their batches are not believed.
  @discardableResult
  package func load(_ records: [SignerRecord]) -> [SignerRecord] {
    var refused: [SignerRecord] = []
    for record in records where key(record.fingerprint) == nil {
      guard let key = try? authority.admit(record.chain),
        key.key.fingerprint == record.fingerprint, key.node == record.node
      else {
        refused.append(record)
        continue
      }
      keys.withLock { $0[record.fingerprint] = key }
    }
    return refused
  }
}

/// The keys as one link knows them: those that are kept, and those that came over it and are not committed yet.
///
/// Apart from the cache, because a transaction may fail: then the certificate is not in the store, and the cache must not say that it is known.
package final class LinkKeys: KeyDirectory, Sendable {
  package let cache: SignerCache
  /// Checks certificates to the region's root.
  package var authority: any SignerAuthority { cache.authority }
  private let fresh = Mutex<[Digest: SignerKey]>([:])

  package init(_ cache: SignerCache) { self.cache = cache }

  package func key(_ fingerprint: Digest) -> SignerKey? {
    cache.key(fingerprint) ?? fresh.withLock { $0[fingerprint] }
  }

  /// Certificates of a verified parcel.
  package func opened(_ records: [SignerRecord]) {
    for record in records {
      guard let key = try? cache.authority.admit(record.chain) else { continue }
      fresh.withLock { $0[record.fingerprint] = key }
    }
  }

  /// The parcels' transaction has committed.
  func committed(_ records: [SignerRecord]) {
    if !records.isEmpty { cache.load(records) }
  }
}
