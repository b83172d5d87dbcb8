import ReplicationCore
import SignedFeed

extension DigestFrame {
  /// The byte after the frame's tag.
  private enum Kind: UInt8 {
    case askParts = 1
    case askRecords = 2
    case askDetails = 3
    case askRepair = 4
    case askSetAside = 5
    case parts = 17
    case records = 18
    case details = 19
    case repaired = 20
    case notNow = 31
    case conclusion = 32
  }

  func write(to writer: inout ByteWriter) {
    switch self {
    case .question(let number, let policy, let catalog, let question):
      writer.byte(Self.kind(of: question).rawValue)
      writer.varint(number)
      writer.varint(policy)
      writer.varint(catalog)
      question.write(to: &writer)
    case .answer(let number, let answer):
      writer.byte(Self.kind(of: answer).rawValue)
      writer.varint(number)
      answer.write(to: &writer)
    case .conclusion(let comparison):
      writer.byte(Kind.conclusion.rawValue)
      writer.varint(comparison.compared)
      writer.varint(comparison.moving)
      writer.varint(comparison.different)
      writer.varint(comparison.repaired)
    }
  }

  private static func kind(of question: DigestQuestion) -> Kind {
    switch question {
    case .parts: .askParts
    case .records: .askRecords
    case .details: .askDetails
    case .repair: .askRepair
    case .setAside: .askSetAside
    }
  }

  private static func kind(of answer: DigestAnswer) -> Kind {
    switch answer {
    case .parts: .parts
    case .records: .records
    case .details: .details
    case .repaired: .repaired
    case .notNow: .notNow
    }
  }

  init(from reader: inout ByteReader) throws(FeedError) {
    let at = reader.offset
    guard let kind = Kind(rawValue: try reader.byte()) else {
      throw FeedError(.unsupported, "no digest frame is of this kind", offset: at)
    }
    if kind == .conclusion {
      var comparison = LinkComparison()
      comparison.compared = try reader.varint()
      comparison.moving = try reader.varint()
      comparison.different = try reader.varint()
      comparison.repaired = try reader.varint()
      self = .conclusion(comparison)
      return
    }
    let number = try reader.index()
    guard kind.rawValue < Kind.parts.rawValue else {
      self = .answer(number: number, try Self.answer(kind, &reader))
      return
    }
    let policy = try reader.varint()
    let catalog = try reader.varint()
    self = .question(
      number: number, policyEpoch: policy, catalogEpoch: catalog, try Self.question(kind, &reader))
  }

  private static func question(
    _ kind: Kind, _ reader: inout ByteReader
  ) throws(FeedError) -> DigestQuestion {
    switch kind {
    case .askParts: return .parts(try reader.keyRange(), size: try reader.index())
    case .askRecords: return .records(try reader.keyRange())
    case .askRepair: return .repair(try reader.refs())
    case .askSetAside: return .setAside(try reader.held())
    default: return .details(try reader.refs())
    }
  }

  private static func answer(
    _ kind: Kind, _ reader: inout ByteReader
  ) throws(FeedError) -> DigestAnswer {
    switch kind {
    case .parts:
      var parts: [DigestPart] = []
      for _ in 0..<(try reader.count(max: DigestLimits.parts)) {
        let last = try reader.text(max: FrameLimits.keyBytes)
        var digest = RangeDigest(count: try reader.index())
        digest.sum.a = try reader.fixed(8)
        digest.sum.b = try reader.fixed(8)
        digest.sum.c = try reader.fixed(8)
        digest.sum.d = try reader.fixed(8)
        parts.append(DigestPart(last: last, digest: digest))
      }
      return .parts(parts, isWhole: try reader.flag())
    case .records:
      var entries: [DigestEntry] = []
      for _ in 0..<(try reader.count(max: DigestLimits.records)) {
        let key = try reader.text(max: FrameLimits.keyBytes)
        let high = try reader.fixed(8)
        entries.append(
          DigestEntry(key: key, digest: ShortDigest(high: high, low: try reader.fixed(8))))
      }
      return .records(entries, isWhole: try reader.flag())
    case .details:
      var details: [RecordDetail] = []
      for _ in 0..<(try reader.count(max: DigestLimits.details)) {
        details.append(try reader.detail())
      }
      return .details(details)
    case .repaired:
      let told = try reader.varint()
      let bulk = try reader.index()
      return .repaired(
        told: told, heads: LanePositions(bulk: bulk, urgent: try reader.index()))
    default: return .notNow(try reader.text(max: DigestLimits.reasonBytes))
    }
  }
}

extension DigestQuestion {
  func write(to writer: inout ByteWriter) {
    switch self {
    case .parts(let range, let size):
      writer.keyRange(range)
      writer.varint(size)
    case .records(let range): writer.keyRange(range)
    case .details(let refs), .repair(let refs):
      writer.varint(UInt64(refs.count))
      for ref in refs { writer.ref(ref) }
    case .setAside(let details):
      writer.varint(UInt64(details.count))
      for detail in details { writer.detail(detail) }
    }
  }
}

extension DigestAnswer {
  func write(to writer: inout ByteWriter) {
    switch self {
    case .parts(let parts, let isWhole):
      writer.varint(UInt64(parts.count))
      for part in parts {
        writer.text(part.last)
        writer.varint(part.digest.count)
        let sum = part.digest.sum
        for number in [sum.a, sum.b, sum.c, sum.d] { writer.fixed(number, count: 8) }
      }
      writer.flag(isWhole)
    case .records(let entries, let isWhole):
      writer.varint(UInt64(entries.count))
      for entry in entries {
        writer.text(entry.key)
        writer.fixed(entry.digest.high, count: 8)
        writer.fixed(entry.digest.low, count: 8)
      }
      writer.flag(isWhole)
    case .details(let details):
      writer.varint(UInt64(details.count))
      for detail in details { writer.detail(detail) }
    case .repaired(let told, let heads):
      writer.varint(told)
      writer.varint(heads.bulk)
      writer.varint(heads.urgent)
    case .notNow(let reason): writer.text(reason.cut(to: DigestLimits.reasonBytes))
    }
  }
}

extension ByteWriter {
  mutating func keyRange(_ range: KeyRange) {
    varint(UInt64(range.ledger.number))
    for key in [range.after, range.through] {
      flag(key != nil)
      if let key { text(key) }
    }
  }

  mutating func detail(_ detail: RecordDetail) {
    ref(detail.ref)
    flag(detail.isMoving)
    fields(detail.share.fields)
    varint(UInt64(detail.share.certain.count))
    for entry in detail.share.certain {
      dot(entry.dot)
      fields(entry.fields)
    }
  }
}

extension ByteReader {
  mutating func keyRange() throws(FeedError) -> KeyRange {
    var range = KeyRange(LedgerID(UInt16(try varint(max: UInt64(UInt16.max)))))
    if try flag() { range.after = try text(max: FrameLimits.keyBytes) }
    if try flag() { range.through = try text(max: FrameLimits.keyBytes) }
    return range
  }

  /// Between one and `DigestLimits.details` records, ascending.
  mutating func refs() throws(FeedError) -> [RecordRef] {
    let at = offset
    var refs: [RecordRef] = []
    for _ in 0..<(try count(max: DigestLimits.details)) {
      let next = try ref()
      if let last = refs.last, !(last < next) {
        throw FeedError(.notCanonical, "records that are not ascending", offset: at)
      }
      refs.append(next)
    }
    if refs.isEmpty { throw FeedError(.malformed, "a question about no record", offset: at) }
    return refs
  }

  /// What the peer holds of between one and `DigestLimits.details` records, ascending.
  mutating func held() throws(FeedError) -> [RecordDetail] {
    let at = offset
    var details: [RecordDetail] = []
    for _ in 0..<(try count(max: DigestLimits.details)) {
      let next = try detail()
      if let last = details.last, !(last.ref < next.ref) {
        throw FeedError(.notCanonical, "records that are not ascending", offset: at)
      }
      details.append(next)
    }
    if details.isEmpty { throw FeedError(.malformed, "a question about no record", offset: at) }
    return details
  }

  mutating func detail() throws(FeedError) -> RecordDetail {
    let ref = try ref()
    let isMoving = try flag()
    var share = LinkShare(fields: try fields())
    for _ in 0..<(try count(max: DigestLimits.dots)) {
      let at = offset
      let dot = try dot()
      if let last = share.certain.last, !(last.dot < dot) {
        throw FeedError(.notCanonical, "dots that are not ascending", offset: at)
      }
      share.certain.append(DotFields(dot, try fields()))
    }
    return RecordDetail(ref: ref, isMoving: isMoving, share: share)
  }
}
