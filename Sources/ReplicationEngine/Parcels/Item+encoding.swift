package import ReplicationCore
package import SignedFeed

extension ByteWriter {
  /// An item of a link's payload, in its canonical form.
  package mutating func item(_ item: Item) {
    switch item {
    case .change(let ref, let dot, let fields, let payload):
      byte(1)
      self.ref(ref)
      self.dot(dot)
      self.fields(fields)
      flag(payload)
    case .state(let ref, let siblings, let view, let payload):
      byte(2)
      self.ref(ref)
      fieldDots(siblings)
      fields(view)
      flag(payload)
    case .withdrawal(let ref, let fields):
      byte(3)
      self.ref(ref)
      flag(fields != nil)
      if let fields { self.fields(fields) }
    case .policy(let epoch):
      byte(4)
      varint(epoch)
    }
  }

  /// Fields with the dots of their siblings.
  package mutating func fieldDots(_ payload: [FieldDots]) {
    varint(UInt64(payload.count))
    for entry in payload {
      byte(entry.field.number)
      varint(UInt64(entry.dots.count))
      for dot in entry.dots { self.dot(dot) }
    }
  }
}

extension ByteReader {
  /// Reads an item; throws when it is not in canonical form.
  package mutating func item() throws(FeedError) -> Item {
    let tag = try byte()
    switch tag {
    case 1:
      let ref = try self.ref()
      let dot = try self.dot()
      return .change(ref, dot: dot, fields: try fields(), payload: try flag())
    case 2:
      let ref = try self.ref()
      let siblings = try fieldDots()
      return .state(ref, siblings: siblings, view: try fields(), payload: try flag())
    case 3:
      let ref = try self.ref()
      return .withdrawal(ref, fields: try flag() ? try fields() : nil)
    case 4:
      return .policy(epoch: try varint())
    default:
      throw FeedError(.unsupported, "an item with the unknown tag \(tag)", offset: offset)
    }
  }

  /// Reads fields with dots: fields and dots strictly ascending.
  package mutating func fieldDots() throws(FeedError) -> [FieldDots] {
    let count = try self.count(max: Int(FieldSet.limit))
    var result: [FieldDots] = []
    result.reserveCapacity(count)
    for _ in 0..<count {
      let field = try self.field()
      if let last = result.last, last.field >= field {
        throw FeedError(.notCanonical, "fields are not strictly ascending", offset: offset)
      }
      result.append(FieldDots(field, try dots()))
    }
    return result
  }

  private mutating func dots() throws(FeedError) -> [Dot] {
    let count = try self.count(max: ParcelLimits.siblings)
    var result: [Dot] = []
    result.reserveCapacity(count)
    for _ in 0..<count {
      let dot = try self.dot()
      if let last = result.last, !(last < dot) {
        throw FeedError(.notCanonical, "dots are not strictly ascending", offset: offset)
      }
      result.append(dot)
    }
    return result
  }
}

extension [Item] {
  /// Bytes that these items take at most in a parcel, reckoned by kind: a state names its dots, everything else is short.
  var encodedBound: Int {
    reduce(0) { sum, item in
      var size = 32 + (item.ref?.key.utf8.count ?? 0)
      switch item {
      case .change(_, let dot, _, _): size += dot.encodedBound
      case .state(_, let siblings, _, _):
        for entry in siblings { size += entry.dots.reduce(3) { $0 + $1.encodedBound } }
      case .withdrawal, .policy: break
      }
      return sum + size
    }
  }
}

extension Dot {
  /// Code, slug, incarnation, lane and index, as long as they can be.
  fileprivate var encodedBound: Int { 22 + replica.node.slug.utf8.count }
}
