import ReplicationCore
import SignedFeed

extension Frame {
  /// The frame's bytes. A parcel and a document part must be within `FrameLimits`; texts for people are cut to them.
  package func encoded() -> [UInt8] {
    var writer = ByteWriter(capacity: estimatedBytes)
    writer.byte(Self.version)
    writer.byte(tag.rawValue)
    switch self {
    case .hello(let hello): hello.write(to: &writer)
    case .parcel(let bytes): writer.raw(bytes)
    case .acknowledgement(let lane, let parcels, let next):
      writer.byte(lane.rawValue)
      writer.varint(parcels)
      writer.varint(next)
    case .catchUpAcknowledgement(let lane, let parcels, let last):
      writer.byte(lane.rawValue)
      writer.varint(parcels)
      writer.ref(last)
    case .refusal(let refusal):
      writer.text(refusal.code.rawValue)
      writer.text(refusal.detail.cut(to: FrameLimits.detailBytes))
      writer.varint(refusal.position)
    case .heartbeat(let heartbeat):
      writer.fixed(UInt64(bitPattern: heartbeat.clock), count: 8)
      writer.varint(heartbeat.unsealed)
      writer.varint(heartbeat.policyEpoch)
      writer.varint(heartbeat.catalogEpoch)
    case .document(let part): part.write(to: &writer)
    case .bye(let bye):
      writer.text(bye.code.cut(to: FrameLimits.codeBytes))
      writer.text(bye.hint.cut(to: FrameLimits.detailBytes))
    case .handoverKey(let key): key.write(to: &writer)
    case .inquiry(let inquiry):
      writer.flag(false)
      inquiry.write(to: &writer)
    case .answer(let answer):
      writer.flag(true)
      answer.write(to: &writer)
    case .digest(let digest): digest.write(to: &writer)
    case .plan(let plan): plan.write(to: &writer)
    }
    return writer.bytes
  }

  private var estimatedBytes: Int {
    switch self {
    case .parcel(let bytes): bytes.count + 2
    case .document(let part): part.bytes.count + 256
    case .plan(.question(let part)): part.bytes.count + 64
    default: 128
    }
  }
}

extension Hello {
  func write(to writer: inout ByteWriter) {
    writer.byte(versions.lowerBound)
    writer.byte(versions.upperBound)
    writer.node(node)
    writer.varint(UInt64(incarnation))
    writer.varint(UInt64(knownIncarnation))
    writer.varint(UInt64(freeIncarnation))
    writer.varint(window)
    for lane in [bulk, urgent] {
      writer.varint(lane.wanted)
      writer.varint(lane.held)
      writer.flag(lane.catchUp != nil)
      guard let cursor = lane.catchUp else { continue }
      writer.varint(cursor.start)
      writer.flag(cursor.last != nil)
      if let last = cursor.last { writer.ref(last) }
    }
    writer.varint(policyEpoch)
    writer.varint(catalogEpoch)
    writer.fixed(UInt64(bitPattern: clock), count: 8)
  }
}

extension DocumentPart {
  /// What stands in the place of the kind of a former policy.
  static let former: UInt8 = 3

  func write(to writer: inout ByteWriter) {
    writer.byte(isFormer ? Self.former : kind.rawValue)
    writer.varint(epoch)
    writer.digest(signer)
    writer.lengthPrefixed(signature)
    writer.varint(total)
    writer.varint(offset)
    writer.lengthPrefixed(bytes)
  }
}

extension String {
  /// The longest beginning of whole characters (scalars) within `limit` bytes.
  func cut(to limit: Int) -> String {
    guard utf8.count > limit else { return self }
    var result = String.UnicodeScalarView()
    var size = 0
    for scalar in unicodeScalars {
      size += UTF8.width(scalar)
      if size > limit { break }
      result.append(scalar)
    }
    return String(result)
  }
}
