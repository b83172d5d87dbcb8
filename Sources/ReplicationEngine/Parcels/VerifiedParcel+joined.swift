import ReplicationCore
import SignedFeed

extension VerifiedParcel {
  /// This parcel and the one that follows it as one, so that the store works in larger sets; nil when they say more than items of
  /// one stretch of the feed: documents, policies, a catch-up, masked values, or views under two policies.
  func joined(_ next: VerifiedParcel) -> VerifiedParcel? {
    let (a, b) = (parcel, next.parcel)
    guard case .feed(let from, let middle) = a.span, case .feed(middle, let end) = b.span,
      a.lane == b.lane, a.policyEpoch == b.policyEpoch, from < middle, middle < end,
      a.documents.isEmpty, b.documents.isEmpty,
      !(a.evidence + b.evidence).contains(where: \.hasMasks),
      !a.items.contains(where: { $0.ref == nil }), !b.items.contains(where: { $0.ref == nil })
    else { return nil }
    var joined = a
    joined.span = .feed(from: from, next: end)
    joined.items += b.items
    joined.evidence += b.evidence
    joined.signers += b.signers
    return VerifiedParcel(trusting: joined)
  }
}

extension [OpenedParcel] {
  /// The same parcels, those that follow one another put together.
  func joinedWherePossible() -> [OpenedParcel] {
    var result: [OpenedParcel] = []
    for parcel in self {
      if let last = result.last, let joined = last.verified.joined(parcel.verified) {
        result[result.count - 1] = OpenedParcel(joined, bytes: last.bytes + parcel.bytes)
      } else {
        result.append(parcel)
      }
    }
    return result
  }
}
