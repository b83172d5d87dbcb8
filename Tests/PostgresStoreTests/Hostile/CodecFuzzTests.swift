import FuzzKit
import PostgresStore
import ReplicationCore
import ReplicationEngine
import SignedFeed
import Testing

/// What a node stores for itself may be damaged by a disk: read or reported, never a trap.
@Suite("Damaged rows")
struct CodecFuzzTests {
  private func records() throws -> [Record] {
    let author = try Author()
    let other = try Author("450103001000")
    let whole = author.record(
      1, [.home: .text(Samples.village), .name: .text("甲"), .price: .decimal("1.50")])
    var forked = author.write(whole, 2, [.name: .text("乙")])
    forked[.name] = Register(forked[.name].siblings + [other.sibling(9, .json("{}"))])
    var departed = whole
    departed.departed = other.replica.node
    departed.moved = 77
    departed.ownWrites = [
      OwnWrite(
        field: .name, dot: Dot(author.replica, 3), base: VersionVector(Dot(other.replica, 4)))
    ]
    return [whole, forked, departed]
  }

  @Test("A record's bytes are read or reported, and what is read is written and read as the same")
  func bodies() throws {
    let samples = try records().enumerated().map {
      ("record-\($0.offset)", RecordCodec.encode($0.element))
    }
    try Fuzzer("records", samples: samples).run { bytes, _ in
      do {
        let record = try RecordCodec.body(bytes, Samples.ref("a"))
        let again = try RecordCodec.body(RecordCodec.encode(record), Samples.ref("a"))
        #expect(again == record)
        return .accepted
      } catch {
        #expect(error is StoreError)
        return .refused
      }
    }
  }

  @Test("A version column is read or reported")
  func stamps() throws {
    let samples = try records().compactMap { RecordCodec.stamp(of: $0) }.enumerated()
      .map { ("stamp-\($0.offset)", $0.element) }
    #expect(!samples.isEmpty)
    try Fuzzer("stamps", samples: samples).run { bytes, _ in
      do {
        let record = try RecordCodec.record(stamp: bytes, Samples.ref("a")) { _ in .null }
        _ = RecordCodec.stamp(of: record)
        return .accepted
      } catch {
        #expect(error is StoreError)
        return .refused
      }
    }
  }

  @Test("A segment of the feed is read or reported, and what is read is written as it was")
  func entries() throws {
    let author = try Author()
    let (ref, node, dot) = (Samples.ref("a"), author.replica.node, Dot(author.replica, 5))
    let code = try #require(DivisionCode(Samples.village))
    let payload = [FieldDots(.name, [dot])]
    let fields = FieldSet([FieldID.name, .home])
    let all: [Entry] = [
      .policy(old: 1, new: 2, from: .link(node)), .withdrawTo(ref, child: node),
      .answer(ref, to: node), .relay(ref, dot: dot, fields: fields, to: node, from: node),
      .relayState(ref, payload: payload, to: node, from: node),
      .withdrawn(
        ref, fields: fields, gone: payload, before: .homes(.inOrder([code, code])),
        after: .neverKnown,
        from: node),
      .change(
        ref, dot: dot, took: fields, before: .homes([]), after: .homes(.inOrder([code])), from: .own
      ),
      .state(ref, payload: payload, before: .notHeld, after: .homes(.inOrder([code])), from: node),
    ]
    var samples = all.enumerated().map {
      ("entry-\($0.offset)", EntryCodec.encode([$0.element][...]))
    }
    samples.append(("segment", EntryCodec.encode(all[...])))
    try Fuzzer("entries", samples: samples).run { bytes, _ in
      do {
        let entries = try EntryCodec.decode(bytes)
        #expect(EntryCodec.encode(entries[...]) == bytes)
        return .accepted
      } catch {
        #expect(error is StoreError)
        return .refused
      }
    }
  }
}
