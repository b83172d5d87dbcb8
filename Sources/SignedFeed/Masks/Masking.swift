package import ReplicationCore

/// A node that masks values for one peer.
package struct Masking: Sendable {
  /// This node.
  package let masker: NodeID
  package let receiver: NodeID
  let signer: any BatchSigner
  let pseudonyms: PseudonymKey?

  /// Throws when the signing key cannot be used.
  package init(_ masker: NodeID, for receiver: NodeID, signedBy signer: any BatchSigner) throws {
    self.masker = masker
    self.receiver = receiver
    self.signer = signer
    pseudonyms = try signer.maskingSecret.map { PseudonymKey(of: $0, for: receiver) }
  }

  /// What the mask leaves of a value.
  func shown(_ mask: Mask, of value: Value) -> Value {
    guard mask == .pseudonym else { return mask.shown(of: value) }
    return pseudonyms?.pseudonym(of: value) ?? .null
  }
}

extension SignedBatch {
  /// As `pruned`, for a peer: each field as the peer may see it, unmasked where `masks` says nothing. What cannot be had so is hidden.
  ///
  /// A masked value that is held so already goes on as its masking node signed it.
  /// Throws when the signing key cannot be used.
  package func pruned(
    to shown: [UInt64: FieldSet], masks: [UInt64: FieldMasks], by masking: Masking?
  ) throws -> SignedBatch {
    if masks.isEmpty, !hasMasks { return pruned(to: shown) }
    var forms: [UInt64: LeafForms] = [:]
    for change in body.shown {
      let fields = shown[change.index]?.intersection(change.fields) ?? FieldSet()
      if fields.isEmpty { continue }
      let masks = masks[change.index] ?? FieldMasks()
      let made = try self.forms(change, fields, masks, masking)
      if !made.told.isEmpty { forms[change.index] = made }
    }
    return kept(forms)
  }

  private func forms(
    _ change: ShownChange, _ fields: FieldSet, _ masks: FieldMasks, _ masking: Masking?
  ) throws -> LeafForms {
    let demanded = masks.fields.intersection(fields)
    let plain = fields.subtracting(demanded).intersection(change.open)
    var forms = LeafForms(told: plain, closed: [], masked: [])
    if demanded.isEmpty { return forms }
    var reader = ByteReader(body.bytes, in: change.start..<change.end)
    var layout = ChangeLayout()
    try layout.read(&reader, in: header)
    var hasher = FeedHasher()
    hasher.prepareBases(of: layout, in: body.bytes)
    for leaf in layout.leaves where !leaf.isHidden && demanded.contains(FieldID(leaf.field)) {
      let field = FieldID(leaf.field)
      guard let mask = masks[field], let masking else { continue }
      let known = try layout.maskProof(of: field, in: body.bytes)
      if let known, known.value.mask == mask,
        mask != .pseudonym || known.receiver == masking.receiver
      {
        forms.words[field] = Array(body.bytes[leaf.mask])
      } else if let value = try masked(leaf, known, by: mask, masking) {
        let proof = try MaskProof(
          Dot(header.replica, change.index), hasher.leafDigest(leaf, layout, body.bytes), value,
          receiver: mask == .pseudonym ? masking.receiver : nil, masker: masking.masker,
          signedBy: masking.signer)
        forms.words[field] = proof.encoded
      } else {
        continue
      }
      forms.told.insert(field)
      forms.closed.insert(field)
      forms.masked.insert(field)
    }
    return forms
  }

  /// The value under a mask; nil where what is held of it is masked otherwise.
  private func masked(
    _ leaf: LeafLayout, _ known: MaskProof?, by mask: Mask, _ masking: Masking
  ) throws -> MaskedValue? {
    if leaf.form == .masked {
      guard let held = known?.value, mask.canFollow(held.mask) else { return nil }
      return MaskedValue(mask: mask, shown: masking.shown(mask, of: held.shown))
    }
    var reader = ByteReader(body.bytes, in: leaf.value)
    return MaskedValue(mask: mask, shown: masking.shown(mask, of: try reader.value()))
  }
}
