import Foundation
import ReplicationCore
import SignedFeed
import Testing

/// `Vectors/vectors.json`, as the independent script wrote it.
struct VectorFile: Decodable {
  struct Pruning: Decodable {
    struct Shown: Decodable {
      let index: UInt64
      let fields: [UInt8]
    }
    struct Masked: Decodable {
      let index: UInt64
      let field: UInt8
      let mask: UInt8
      let step: Int64
      let shown: ValueText
      let masker: String
      let receiver: String
      let privateKey: String
      let publicKey: String
    }
    let shown: [Shown]
    let masks: [Masked]
    let encoded: String
  }
  struct ReplicaText: Decodable {
    let node: String
    let incarnation: UInt32
    let lane: String
  }
  struct DotText: Decodable {
    let node: String
    let incarnation: UInt32
    let lane: String
    let index: UInt64
  }
  struct ContextText: Decodable {
    let field: UInt8
    let context: [DotText]
  }
  struct VerificationText: Decodable {
    let field: UInt8
    let dot: DotText
    let time: Int64
    let actor: String
  }
  struct ValueText: Decodable {
    let type: String
    let text: String
    let contexts: [ContextText]?
    let dots: [VerificationText]?
  }
  struct WriteText: Decodable {
    let field: UInt8
    let rank: UInt8
    let base: [DotText]
    let value: ValueText
  }
  struct ChangeText: Decodable {
    let index: UInt64
    let ledger: UInt16
    let key: String
    let time: Int64
    let actor: String
    let restores: [DotText]
    let order: String
    let seed: String
    let writes: [WriteText]
  }
  struct Batch: Decodable {
    let name: String
    let privateKey: String
    let publicKey: String
    let replica: ReplicaText
    let previous: String
    let policyEpoch: UInt64
    let catalogEpoch: UInt64
    let time: Int64
    let isAdjusted: Bool
    let changes: [ChangeText]
    let root: String
    let header: String
    let digest: String
    let encoded: String
    let prunings: [Pruning]
  }

  let batches: [Batch]

  static func load() throws -> VectorFile {
    let url = try #require(
      Bundle.module.url(forResource: "vectors", withExtension: "json", subdirectory: "Vectors"))
    return try JSONDecoder().decode(VectorFile.self, from: Data(contentsOf: url))
  }
}

extension VectorFile.ReplicaText {
  func replica() throws -> Replica {
    Replica(
      node: try #require(NodeID(node)), incarnation: incarnation,
      lane: try #require(Lane.allCases.first { $0.name == lane }))
  }
}

extension VectorFile.DotText {
  func dot() throws -> Dot {
    let text = VectorFile.ReplicaText(node: node, incarnation: incarnation, lane: lane)
    return Dot(try text.replica(), index)
  }
}

extension [VectorFile.DotText] {
  func vector() throws -> VersionVector {
    try reduce(VersionVector()) { $0.joined(try $1.dot()) }
  }
}

extension VectorFile.ValueText {
  func value() throws -> Value {
    switch type {
    case "null": return .null
    case "bool": return .bool(text == "true")
    case "integer": return .integer(try #require(Int64(text)))
    case "decimal": return .decimal(text)
    case "text": return .text(text)
    case "date": return .date(try #require(Int32(text)))
    case "timestamp": return .timestamp(try #require(Int64(text)))
    case "uuid":
      var reader = ByteReader(try #require([UInt8](hex: text)))
      let high = try reader.fixed(8)
      return .uuid(high, try reader.fixed(8))
    case "bytes": return .bytes(try #require([UInt8](hex: text)))
    case "json": return .json(text)
    case "deleted":
      return .deleted(
        try #require(contexts).map {
          FieldContext(FieldID($0.field), try $0.context.vector())
        })
    default:
      try #require(type == "verified")
      return .verified(
        try #require(dots).map {
          Verification(FieldID($0.field), try $0.dot.dot(), time: $0.time, actor: $0.actor)
        })
    }
  }
}

extension VectorFile.ChangeText {
  func change(of replica: Replica) throws -> Change {
    let dots = try restores.map { try $0.dot() }
    return Change(
      dot: Dot(replica, index), ref: RecordRef(LedgerID(ledger), key),
      writes: try writes.map {
        FieldWrite(
          field: FieldID($0.field), value: try $0.value.value(), rank: $0.rank,
          base: try $0.base.vector())
      }, time: time, actor: actor, cause: dots.isEmpty ? .write : .restore(dots))
  }
}

extension [UInt8] {
  /// Reads hexadecimal digits; nil for anything else.
  init?(hex: String) {
    let digits = Array<Character>(hex)
    guard digits.count % 2 == 0 else { return nil }
    self = []
    for i in stride(from: 0, to: digits.count, by: 2) {
      guard let byte = UInt8(String(digits[i...i + 1]), radix: 16) else { return nil }
      append(byte)
    }
  }

  /// Lower-case hexadecimal.
  var hex: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}
