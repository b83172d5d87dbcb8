package import ReplicationCore
package import SignedFeed

extension HandoverBundle {
  /// The values, in the order of `items`: each is what its author signed for this record.
  ///
  /// Throws `wrongReceiver`, `otherKey`, and `damaged` with the record when a box does not open, or does not hold what it says.
  package func open(
    as node: NodeID, _ identity: SealingIdentity, by authority: any SignerAuthority
  ) throws(HandoverFault) -> [HandedValues] {
    guard recipient == node else { throw .wrongReceiver(recipient) }
    let keys = BundleKeys(signers, authority)
    var result: [HandedValues] = []
    for item in items {
      guard item.box.recipient == identity.publicKey.fingerprint else { throw .otherKey }
      guard
        let bytes = try? identity.open(
          item.box, context: HandoverItem.boxContext(item.ref, item.payload))
      else { throw .damaged("\(item.ref): the sealed values do not open") }
      let evidence: [SignedBatch]
      do throws(FeedError) {
        evidence = try Self.evidence(bytes, keys)
      } catch {
        throw .damaged("\(item.ref): \(error.detail)")
      }
      let pool = EvidencePool(evidence)
      guard pool.registers(item.payload, of: item.ref, side: .own) != nil else {
        throw .damaged("\(item.ref): a value is missing or belongs to another record")
      }
      result.append(HandedValues(ref: item.ref, payload: item.payload, evidence: evidence))
    }
    return result
  }

  private static func evidence(
    _ bytes: [UInt8], _ keys: BundleKeys
  ) throws(FeedError) -> [SignedBatch] {
    var reader = ByteReader(bytes)
    var evidence: [SignedBatch] = []
    for _ in 0..<(try reader.count(max: ParcelLimits.batches)) {
      let batch = try UnverifiedBatch(decoding: &reader)
      guard batch.maskedValues == 0 else {
        throw FeedError(.malformed, "masked values: what is handed over is whole", offset: 0)
      }
      evidence.append(try batch.verified(by: keys))
    }
    try reader.finish()
    return evidence
  }

  /// The same values sealed to another node, in a file of this node's: nothing of them is stored here.
  package func forwarded(
    _ values: [HandedValues], from sender: NodeID, to key: HandoverKey, own: SignerRecord,
    made: Int64, signedBy signer: any BatchSigner
  ) throws -> HandoverBundle {
    let sealer = try Sealer(to: key.key)
    var sealed: [Item] = []
    for (item, value) in zip(items, values) {
      let box = try sealer.seal(
        value.evidence.sealedForm, context: HandoverItem.boxContext(item.ref, item.payload))
      sealed.append(
        Item(ref: item.ref, payload: item.payload, movedTo: item.movedTo, box: box))
    }
    var records = signers.filter { $0.fingerprint != own.fingerprint }
    records.append(own)
    return try HandoverBundle(
      from: sender, to: key.node, sealed, signers: records, made: made, signedBy: signer)
  }
}
