import LabKit
import ReplicationCore
import Testing

@Suite("What the account of a torture run takes a writer to have seen")
struct TortureHistoryTests {
  private let name = FieldID(3)
  private let ref = RecordRef(LedgerID(1), "k")

  private func write(
    _ number: Int, by node: String, _ kind: TortureWrite.Kind, _ value: String?,
    saw: Set<String>
  ) throws -> TortureWrite {
    TortureWrite(
      number: number, node: try #require(NodeID(node)), ref: ref, kind: kind,
      values: value.map { [name: $0] } ?? [:], saw: saw.isEmpty ? [:] : [name: saw],
      isAcknowledged: true, time: Double(number))
  }

  @Test("A key that is registered again where it moved away is empty beside what it was")
  func registeredAgain() throws {
    let writes = [
      try write(1, by: "450102000000", .insert, "w1", saw: []),
      try write(2, by: "450102000000", .insert, nil, saw: []),
      try write(3, by: "450102002001", .update, "w3", saw: [""]),
    ]
    let history = TortureHistory(name, writes)
    #expect(writes[1].value(of: name) == nil)
    #expect(history.past(of: ["w3"]) == [2])
    #expect(history.past(of: ["w1"]) == [0])
  }

  @Test("A deleted record that is registered again is empty in place of what it was")
  func registeredOverDeletion() throws {
    let writes = [
      try write(1, by: "450102000000", .insert, "w1", saw: []),
      try write(2, by: "450102000000", .insert, nil, saw: ["w1"]),
      try write(3, by: "450102002001", .update, "w3", saw: [""]),
    ]
    #expect(TortureHistory(name, writes).past(of: ["w3"]) == [0, 1, 2])
    #expect(TortureHistory(name, writes).certainPast(of: "w3") == [0, 1, 2])
  }

  @Test("Of two writes of nothing a reader of nothing has surely seen neither")
  func ambiguous() throws {
    let writes = [
      try write(1, by: "450102000000", .insert, "w1", saw: []),
      try write(2, by: "450102000000", .insert, nil, saw: ["w1"]),
      try write(3, by: "450103000000", .insert, nil, saw: ["w0"]),
      try write(4, by: "450102002001", .update, "w4", saw: [""]),
    ]
    let history = TortureHistory(name, writes)
    #expect(history.past(of: ["w4"]).isSuperset(of: [0, 1, 2]))
    #expect(history.certainPast(of: "w4") == [3])
  }

  @Test("A node's later write has seen its earlier one, held or not, and no other node's")
  func sameNode() throws {
    let writes = [
      try write(3, by: "450102000000", .update, "w3", saw: []),
      try write(2, by: "450103000000", .insert, "w2", saw: []),
      try write(1, by: "450102000000", .insert, "w1", saw: []),
    ]
    let history = TortureHistory(name, writes)
    #expect(history.past(of: ["w3"]) == [0, 2])
    #expect(history.certainPast(of: "w3") == [0, 2])
    #expect(history.past(of: ["w1"]) == [2])
  }

  @Test("A column that keeps its value is not written")
  func unchanged() {
    let home = FieldID(1)
    let row = [home: "450103001005", name: ""]
    #expect(TortureWrite.changes([home: "450103001005", name: "w1"], of: row) == [name: "w1"])
    #expect(TortureWrite.changes([home: "450103001005"], of: row) == [:])
    #expect(TortureWrite.changes([home: "450103001006"], of: row) == [home: "450103001006"])
  }
}
