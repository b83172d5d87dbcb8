package import ReplicationCore
internal import ReplicationEngine
internal import SignedFeed

/// The bytes of a feed segment. Local to a node: never sent.
package enum EntryCodec {
  /// The bytes of a segment.
  package static func encode(_ entries: ArraySlice<Entry>) -> [UInt8] {
    var out = ByteWriter(capacity: entries.count * 80)
    out.varint(UInt64(entries.count))
    for entry in entries { out.entry(entry) }
    return out.bytes
  }

  /// Reads a segment that `encode` made; throws `StoreError.damaged`.
  package static func decode(_ bytes: [UInt8]) throws -> [Entry] {
    var input = ByteReader(bytes)
    do throws(FeedError) {
      var entries: [Entry] = []
      let count = try input.count(max: 1 << 24)
      entries.reserveCapacity(min(count, 4096))
      for _ in 0..<count { entries.append(try input.entry()) }
      try input.finish()
      return entries
    } catch {
      throw StoreError.damaged(table: "huijia.feed", detail: error.description)
    }
  }
}

extension ByteWriter {
  fileprivate mutating func entry(_ entry: Entry) {
    switch entry {
    case .policy(let old, let new, let from):
      byte(1)
      varint(old)
      varint(new)
      side(from)
    case .withdrawTo(let ref, let child):
      byte(2)
      self.ref(ref)
      node(child)
    case .answer(let ref, let peer):
      byte(8)
      self.ref(ref)
      node(peer)
    case .relay(let ref, let dot, let fields, let to, let from):
      byte(3)
      self.ref(ref)
      self.dot(dot)
      self.fields(fields)
      node(to)
      node(from)
    case .relayState(let ref, let payload, let to, let from):
      byte(4)
      self.ref(ref)
      fieldDots(payload)
      node(to)
      node(from)
    case .withdrawn(let ref, let fields, let gone, let before, let after, let from):
      byte(5)
      self.ref(ref)
      flag(fields != nil)
      if let fields { self.fields(fields) }
      fieldDots(gone)
      routing(before)
      routing(after)
      node(from)
    case .change(let ref, let dot, let took, let before, let after, let from):
      byte(6)
      self.ref(ref)
      self.dot(dot)
      fields(took)
      routing(before)
      routing(after)
      side(from)
    case .state(let ref, let payload, let before, let after, let from):
      byte(7)
      self.ref(ref)
      fieldDots(payload)
      routing(before)
      routing(after)
      node(from)
    }
  }

  private mutating func routing(_ routing: Routing) {
    switch routing {
    case .neverKnown: byte(0)
    case .homes(let homes):
      byte(UInt8(homes.count + 1))
      for home in homes {
        byte(home.column)
        fixed(home.code.number, count: 5)
      }
    }
  }
}

extension ByteReader {
  fileprivate mutating func entry() throws(FeedError) -> Entry {
    let at = offset
    switch try byte() {
    case 1: return .policy(old: try varint(), new: try varint(), from: try side())
    case 2: return .withdrawTo(try ref(), child: try node())
    case 3:
      return .relay(
        try ref(), dot: try dot(), fields: try fields(), to: try node(), from: try node())
    case 4:
      return .relayState(try ref(), payload: try fieldDots(), to: try node(), from: try node())
    case 5:
      let ref = try ref()
      let fields = try flag() ? try fields() : nil
      return .withdrawn(
        ref, fields: fields, gone: try fieldDots(), before: try routing(), after: try routing(),
        from: try node())
    case 6:
      return .change(
        try ref(), dot: try dot(), took: try fields(), before: try routing(), after: try routing(),
        from: try side())
    case 7:
      return .state(
        try ref(), payload: try fieldDots(), before: try routing(), after: try routing(),
        from: try node())
    case 8: return .answer(try ref(), to: try node())
    default: throw FeedError(.malformed, "no entry has this number", offset: at)
    }
  }

  private mutating func routing() throws(FeedError) -> Routing {
    let count = Int(try byte())
    if count == 0 { return .neverKnown }
    var homes: [Home] = []
    for _ in 1..<count {
      let column = try byte()
      guard let code = DivisionCode(number: try fixed(5)) else {
        throw FeedError(.malformed, "not a division code", offset: offset)
      }
      homes.append(Home(code, column: column))
    }
    return .homes(homes)
  }
}
