extension LinkRefusal {
  /// A parcel's fault as the reason of the link's end.
  package init(_ error: ParcelError) {
    let code: Code =
      switch error.code {
      case .malformedParcel: .malformed
      case .oversizedParcel: .oversized
      case .badBatch, .brokenChain, .unknownSigner, .foreignSigner, .missingEvidence: .forged
      case .wrongLane, .withdrawalFromBelow: .unexpected
      case .gapInFeed: .outOfOrder
      case .unknownPolicy, .unknownCatalog: .noPolicy
      case .aheadOfFeed: .restored
      }
    self.init(code, error.description)
  }
}
