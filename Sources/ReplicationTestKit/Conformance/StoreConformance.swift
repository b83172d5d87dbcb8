import ReplicationCore
package import ReplicationEngine
import SignedFeed

/// What every `ChangeStore` must do. An implementation's tests run it and expect no complaint.
///
/// The store must know ledger 1 (lane bulk) with field 2 as home and field 3 as a text.
package enum StoreConformance {
  /// Runs every check on a fresh store of its own; returns what did not hold.
  package static func run(
    makeStore: () async throws -> any ChangeStore
  ) async throws -> [String] {
    var complaints: [String] = []
    complaints += try await records(makeStore())
    complaints += try await creations(makeStore())
    complaints += try await outlines(makeStore())
    complaints += try await feed(makeStore())
    complaints += try await proofs(makeStore())
    complaints += try await links(makeStore())
    complaints += try await parking(makeStore())
    complaints += try await handover(makeStore())
    complaints += try await atomicity(makeStore())
    return complaints
  }
}
