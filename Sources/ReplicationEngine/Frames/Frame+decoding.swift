import ReplicationCore
import SignedFeed

extension Frame {
  /// Reads a frame. Throws a `LinkRefusal` with the byte offset as its position; never traps, and allocates no more than the bytes given.
  package init(decoding bytes: [UInt8]) throws(LinkRefusal) {
    guard bytes.count <= FrameLimits.frameBytes else {
      throw LinkRefusal(
        .oversized, "a frame of \(bytes.count) bytes, at most \(FrameLimits.frameBytes) are allowed"
      )
    }
    do throws(FeedError) {
      self = try Self.read(bytes)
    } catch {
      let code: LinkRefusal.Code = error.kind == .unsupported ? .unsupported : .malformed
      throw LinkRefusal(code, "a frame: \(error.detail)", position: UInt64(error.offset ?? 0))
    }
  }

  private static func read(_ bytes: [UInt8]) throws(FeedError) -> Frame {
    var reader = ByteReader(bytes)
    let version = try reader.byte()
    guard version == Self.version else {
      throw FeedError(.unsupported, "version \(version) of the frames", offset: 0)
    }
    guard let tag = Tag(rawValue: try reader.byte()) else {
      throw FeedError(.malformed, "no frame has this tag", offset: 1)
    }
    let frame = try read(tag, &reader)
    try reader.finish()
    return frame
  }

  private static func read(_ tag: Tag, _ reader: inout ByteReader) throws(FeedError) -> Frame {
    switch tag {
    case .hello: return .hello(try Hello(from: &reader))
    case .parcel: return .parcel(Array(try reader.raw(reader.remaining)))
    case .acknowledgement:
      return .acknowledgement(
        lane: try reader.lane(), parcels: try reader.index(), next: try reader.index())
    case .catchUpAcknowledgement:
      return .catchUpAcknowledgement(
        lane: try reader.lane(), parcels: try reader.index(), last: try reader.ref())
    case .refusal:
      let at = reader.offset
      guard let code = LinkRefusal.Code(rawValue: try reader.text(max: FrameLimits.codeBytes))
      else {
        throw FeedError(.malformed, "no refusal has this code", offset: at)
      }
      let detail = try reader.text(max: FrameLimits.detailBytes)
      return .refusal(LinkRefusal(code, detail, position: try reader.varint()))
    case .heartbeat:
      return .heartbeat(
        Heartbeat(
          clock: Int64(bitPattern: try reader.fixed(8)), unsealed: try reader.varint(),
          policyEpoch: try reader.varint(), catalogEpoch: try reader.varint()))
    case .document: return .document(try DocumentPart(from: &reader))
    case .bye:
      let code = try reader.text(max: FrameLimits.codeBytes)
      return .bye(Bye(code: code, hint: try reader.text(max: FrameLimits.detailBytes)))
    case .handoverKey: return .handoverKey(try HandoverKey(from: &reader))
    case .handover:
      return try reader.flag()
        ? .answer(try HandoverAnswer(from: &reader))
        : .inquiry(try HandoverInquiry(from: &reader))
    case .digest: return .digest(try DigestFrame(from: &reader))
    case .plan: return .plan(try PlanFrame(from: &reader))
    }
  }
}

extension Hello {
  init(from reader: inout ByteReader) throws(FeedError) {
    let at = reader.offset
    let lowest = try reader.byte()
    let highest = try reader.byte()
    guard lowest <= highest else {
      throw FeedError(.malformed, "protocol versions in the wrong order", offset: at)
    }
    versions = lowest...highest
    node = try reader.node()
    let incarnation = try reader.varint(max: FeedLimits.incarnation)
    guard incarnation > 0 else {
      throw FeedError(.malformed, "incarnations begin at 1", offset: at)
    }
    self.incarnation = UInt32(incarnation)
    knownIncarnation = UInt32(try reader.varint(max: FeedLimits.incarnation))
    let free = try reader.varint(max: FeedLimits.incarnation)
    guard free > knownIncarnation else {
      throw FeedError(.malformed, "an incarnation that is known is said to be free", offset: at)
    }
    freeIncarnation = UInt32(free)
    window = try reader.varint()
    guard window > 0 else { throw FeedError(.malformed, "an empty window", offset: at) }
    bulk = try LanePosition(from: &reader)
    urgent = try LanePosition(from: &reader)
    policyEpoch = try reader.varint()
    catalogEpoch = try reader.varint()
    clock = Int64(bitPattern: try reader.fixed(8))
  }
}

extension LanePosition {
  init(from reader: inout ByteReader) throws(FeedError) {
    wanted = try reader.index()
    held = try reader.varint()
    guard try reader.flag() else {
      catchUp = nil
      return
    }
    let start = try reader.varint()
    let last = try reader.flag() ? try reader.ref() : nil
    catchUp = CatchUpCursor(start: start, last: last)
  }
}

extension DocumentPart {
  init(from reader: inout ByteReader) throws(FeedError) {
    let at = reader.offset
    let tag = try reader.byte()
    isFormer = tag == Self.former
    guard let kind = isFormer ? .policy : SignedDocument.Kind(rawValue: tag) else {
      throw FeedError(.malformed, "no document is of this kind", offset: at)
    }
    self.kind = kind
    epoch = try reader.index()
    signer = try reader.digest()
    signature = Array(try reader.lengthPrefixed(max: FrameLimits.signatureBytes))
    total = try reader.varint(max: FrameLimits.documentBytes)
    offset = try reader.varint(max: FrameLimits.documentBytes)
    bytes = Array(try reader.lengthPrefixed(max: FrameLimits.documentPartBytes))
    guard offset + UInt64(bytes.count) <= total else {
      throw FeedError(.malformed, "a part beyond its document", offset: at)
    }
  }
}
