package import ReplicationCore

extension SignedBatch {
  /// SHA-256(0x20 ‖ salt ‖ field ‖ rank ‖ base digest ‖ value): only who was shown the value can name it, and it tells nothing of the value.
  ///
  /// Nil when the batch does not show the field of that change as its author wrote it. A relay that was shown the leaf's digest alone cannot compute it.
  package func possession(of index: UInt64, _ field: FieldID) -> Digest? {
    guard let entry = entry(index), entry.open.contains(field) else { return nil }
    do throws(FeedError) {
      var reader = ByteReader(body.bytes, in: entry.start..<entry.end)
      var layout = ChangeLayout()
      try layout.read(&reader, in: header)
      var hasher = FeedHasher()
      hasher.prepareBases(of: layout, in: body.bytes)
      guard let leaf = layout.leaves.first(where: { !$0.value.isEmpty && $0.field == field.number })
      else { return nil }
      var bytes: [UInt8] = []
      hasher.possession(leaf, layout, body.bytes).append(to: &bytes)
      return Digest(bytes)
    } catch {
      preconditionFailure("a checked change cannot be read: \(error)")
    }
  }
}
