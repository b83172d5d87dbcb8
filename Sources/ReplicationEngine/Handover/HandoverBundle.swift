package import ReplicationCore
package import SignedFeed

/// A file of archived values on their way, by hand, from the node that had to give them up to the node that may hold them.
///
/// Everything but the values is in plain and signed by who made the file; the values only the recipient can open.
package struct HandoverBundle: Sendable, Hashable {
  /// One row of the archive.
  package struct Item: Sendable, Hashable {
    package let ref: RecordRef
    package let payload: [FieldDots]
    package let movedTo: DivisionCode?
    package let box: SealedBox

    package init(ref: RecordRef, payload: [FieldDots], movedTo: DivisionCode?, box: SealedBox) {
      self.ref = ref
      self.payload = payload
      self.movedTo = movedTo
      self.box = box
    }
  }

  package let sender: NodeID
  package let recipient: NodeID
  /// Microseconds since 1970 UTC by the sender's clock.
  package let made: Int64
  package let items: [Item]
  /// The certificates of the values' authors and of the sender.
  package let signers: [SignerRecord]
  /// Fingerprint of the sender's signing key.
  package let signer: Digest
  package let signature: [UInt8]

  /// The largest file.
  package static let maximumBytes = 2 * 1024 * 1024
  static let maximumItems = 4096

  /// Signs a file. Throws when the signing key cannot be used.
  package init(
    from sender: NodeID, to recipient: NodeID, _ items: [Item], signers: [SignerRecord],
    made: Int64, signedBy key: any BatchSigner
  ) throws {
    self.sender = sender
    self.recipient = recipient
    self.made = made
    self.items = items
    self.signers = signers
    signer = key.fingerprint
    var body = ByteWriter()
    Self.write(sender, recipient, made, items, signers, to: &body)
    body.digest(signer)
    signature = try key.sign(body.bytes)
  }

  /// The file's bytes.
  package func encoded() -> [UInt8] {
    var writer = ByteWriter()
    Self.write(sender, recipient, made, items, signers, to: &writer)
    writer.digest(signer)
    writer.lengthPrefixed(signature)
    return writer.bytes
  }

  private static let title = "huijia handover bundle 1"

  private static func write(
    _ sender: NodeID, _ recipient: NodeID, _ made: Int64, _ items: [Item],
    _ signers: [SignerRecord], to writer: inout ByteWriter
  ) {
    writer.text(title)
    writer.node(sender)
    writer.node(recipient)
    writer.fixed(UInt64(bitPattern: made), count: 8)
    writer.varint(UInt64(items.count))
    for item in items {
      writer.ref(item.ref)
      writer.fieldDots(item.payload)
      writer.flag(item.movedTo != nil)
      if let code = item.movedTo { writer.fixed(code.number, count: 5) }
      writer.digest(item.box.recipient)
      writer.raw(item.box.encapsulated)
      writer.lengthPrefixed(item.box.ciphertext)
    }
    writer.varint(UInt64(signers.count))
    for signer in signers { writer.signer(signer) }
  }

  /// Reads a file and checks that its sender signed all of it. Throws `damaged` or `unknownSigner`.
  package init(decoding bytes: [UInt8], by authority: any SignerAuthority) throws(HandoverFault) {
    let end: Int
    do throws(FeedError) {
      guard bytes.count <= Self.maximumBytes else {
        throw FeedError(.tooLarge, "a hand-over file of \(bytes.count) bytes")
      }
      var reader = ByteReader(bytes)
      guard (try? reader.text(max: 64)) == Self.title else {
        throw FeedError(.unsupported, "it does not begin as one", offset: 0)
      }
      sender = try reader.node()
      recipient = try reader.node()
      made = Int64(bitPattern: try reader.fixed(8))
      var items: [Item] = []
      for _ in 0..<(try reader.count(max: Self.maximumItems)) { items.append(try reader.handed()) }
      self.items = items
      var signers: [SignerRecord] = []
      for _ in 0..<(try reader.count(max: ParcelLimits.signers)) {
        signers.append(try reader.signer())
      }
      self.signers = signers
      signer = try reader.digest()
      end = reader.offset
      signature = Array(try reader.lengthPrefixed(max: FeedLimits.signatureBytes))
      try reader.finish()
    } catch {
      throw .damaged("\(error.detail)")
    }
    let keys = BundleKeys(signers, authority)
    guard let known = keys.key(signer), known.node == sender else {
      throw .unknownSigner(sender)
    }
    guard known.key.isValid(signature: signature, for: Array(bytes[..<end])) else {
      throw .damaged("the signature of \(sender) is not over these bytes")
    }
  }
}

/// Why a hand-over file is of no use here.
package enum HandoverFault: Error, Sendable, Hashable {
  /// It was cut, altered, or is no such file.
  case damaged(String)
  /// No certificate of this node in it leads to the region's root.
  case unknownSigner(NodeID)
  /// It is for another node.
  case wrongReceiver(NodeID)
  /// It is sealed to a key that this node does not have (any more).
  case otherKey
}

extension ByteReader {
  fileprivate mutating func handed() throws(FeedError) -> HandoverBundle.Item {
    let ref = try self.ref()
    let payload = try fieldDots()
    var movedTo: DivisionCode?
    if try flag() {
      let at = offset
      guard let code = DivisionCode(number: try fixed(5)) else {
        throw FeedError(.malformed, "no division has this code", offset: at)
      }
      movedTo = code
    }
    let recipient = try digest()
    let encapsulated = Array(try raw(32))
    let ciphertext = Array(try lengthPrefixed(max: HandoverBundle.maximumBytes))
    return HandoverBundle.Item(
      ref: ref, payload: payload, movedTo: movedTo,
      box: SealedBox(recipient: recipient, encapsulated: encapsulated, ciphertext: ciphertext))
  }
}

/// The keys of a file's certificates, as far as the authority admits them.
struct BundleKeys: KeyDirectory {
  private var keys: [Digest: SignerKey] = [:]

  init(_ signers: [SignerRecord], _ authority: any SignerAuthority) {
    for signer in signers {
      guard let key = try? authority.admit(signer.chain), key.node == signer.node,
        key.key.fingerprint == signer.fingerprint
      else { continue }
      keys[signer.fingerprint] = key
    }
  }

  func key(_ fingerprint: Digest) -> SignerKey? { keys[fingerprint] }
}
