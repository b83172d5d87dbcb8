import ReplicationCore
import SignedFeed

extension PlanFrame {
  fileprivate enum Kind: UInt8 {
    case question = 1, roster = 17, figures = 18, done = 19, failed = 20
  }

  func write(to writer: inout ByteWriter) {
    switch self {
    case .question(let part):
      writer.byte(Kind.question.rawValue)
      part.write(to: &writer)
    case .report(let report):
      writer.byte(report.kind.rawValue)
      writer.varint(report.number)
      writer.node(report.node)
      report.content.write(to: &writer)
    }
  }

  init(from reader: inout ByteReader) throws(FeedError) {
    let at = reader.offset
    guard let kind = Kind(rawValue: try reader.byte()) else {
      throw FeedError(.malformed, "no frame of a plan is of this kind", offset: at)
    }
    if kind == .question {
      self = .question(try PlanQuestionPart(from: &reader))
      return
    }
    let number = try reader.index()
    let node = try reader.node()
    let content: PlanReport.Content =
      switch kind {
      case .question, .roster: .roster(try reader.list(PlanReport.Entry.init(from:)))
      case .figures: .figures(try reader.list(PlanReport.Figure.init(from:)))
      case .done: .done(looked: try reader.varint())
      case .failed: .failed(try reader.text(max: PlanLimits.reasonBytes))
      }
    self = .report(PlanReport(number: number, node: node, content))
  }
}

extension PlanReport {
  fileprivate var kind: PlanFrame.Kind {
    switch content {
    case .roster: .roster
    case .figures: .figures
    case .done: .done
    case .failed: .failed
    }
  }
}

extension PlanReport.Content {
  fileprivate func write(to writer: inout ByteWriter) {
    switch self {
    case .roster(let entries):
      writer.varint(UInt64(entries.count))
      for entry in entries {
        writer.node(entry.node)
        writer.byte(entry.state.rawValue)
        writer.varint(entry.heardAt)
      }
    case .figures(let figures):
      writer.varint(UInt64(figures.count))
      for figure in figures { figure.write(to: &writer) }
    case .done(let looked): writer.varint(looked)
    case .failed(let reason): writer.text(reason.cut(to: PlanLimits.reasonBytes))
    }
  }
}

extension PlanQuestionPart {
  fileprivate func write(to writer: inout ByteWriter) {
    writer.varint(number)
    writer.varint(policyEpoch)
    writer.varint(catalogEpoch)
    writer.varint(total)
    writer.varint(offset)
    writer.lengthPrefixed(bytes)
  }

  fileprivate init(from reader: inout ByteReader) throws(FeedError) {
    let at = reader.offset
    number = try reader.index()
    policyEpoch = try reader.index()
    catalogEpoch = try reader.index()
    total = try reader.varint(max: FrameLimits.documentBytes)
    offset = try reader.varint(max: FrameLimits.documentBytes)
    bytes = Array(try reader.lengthPrefixed(max: FrameLimits.documentPartBytes))
    guard offset + UInt64(bytes.count) <= total else {
      throw FeedError(.malformed, "a part of a plan's policy beyond its end", offset: at)
    }
  }
}

extension PlanReport.Entry {
  fileprivate init(from reader: inout ByteReader) throws(FeedError) {
    node = try reader.node()
    let at = reader.offset
    guard let state = State(rawValue: try reader.byte()) else {
      throw FeedError(.malformed, "no node of a plan stands so", offset: at)
    }
    self.state = state
    heardAt = try reader.varint()
  }
}

extension PlanReport.Figure {
  fileprivate func write(to writer: inout ByteWriter) {
    writer.node(flow.sender)
    writer.node(flow.receiver)
    writer.varint(UInt64(flow.ledger.number))
    writer.varint(UInt64(flow.homes.count))
    for home in flow.homes {
      writer.byte(home.column)
      writer.fixed(home.code.number, count: 5)
    }
    writer.varint(tally.gained)
    writer.varint(tally.lost)
    writer.varint(tally.bytes)
    let fields = tally.fields.sorted { $0.key < $1.key }
    writer.varint(UInt64(fields.count))
    for (field, counts) in fields {
      writer.byte(field.number)
      writer.varint(counts.gained)
      writer.varint(counts.lost)
      writer.varint(counts.remasked)
      writer.varint(counts.verified)
      writer.varint(counts.bytes)
    }
  }

  fileprivate init(from reader: inout ByteReader) throws(FeedError) {
    let sender = try reader.node()
    let receiver = try reader.node()
    let ledger = LedgerID(UInt16(try reader.varint(max: UInt64(UInt16.max))))
    var homes: [Home] = []
    for _ in 0..<(try reader.count(max: PlanLimits.homes)) {
      let column = try reader.byte()
      let at = reader.offset
      guard let code = DivisionCode(number: try reader.fixed(5)) else {
        throw FeedError(.malformed, "a home that is no division code", offset: at)
      }
      homes.append(Home(code, column: column))
    }
    flow = PlanFlow(sender: sender, receiver: receiver, ledger: ledger, homes: homes)
    tally = PlanTally()
    tally.gained = try reader.sum()
    tally.lost = try reader.sum()
    tally.bytes = try reader.sum()
    var last: FieldID?
    for _ in 0..<(try reader.count(max: Int(FieldSet.limit))) {
      let at = reader.offset
      let field = try reader.field()
      if let last, field <= last {
        throw FeedError(.notCanonical, "fields that are not ascending", offset: at)
      }
      last = field
      var counts = PlanTally.Counts()
      counts.gained = try reader.sum()
      counts.lost = try reader.sum()
      counts.remasked = try reader.sum()
      counts.verified = try reader.sum()
      counts.bytes = try reader.sum()
      tally.fields[field] = counts
    }
  }
}

extension ByteReader {
  /// A list of at most `PlanLimits.entries`, not empty.
  fileprivate mutating func list<T>(
    _ read: (inout ByteReader) throws(FeedError) -> T
  ) throws(FeedError) -> [T] {
    let at = offset
    let count = try count(max: PlanLimits.entries)
    if count == 0 { throw FeedError(.malformed, "an empty report", offset: at) }
    var result: [T] = []
    for _ in 0..<count { result.append(try read(&self)) }
    return result
  }

  /// A count that stays small enough to be added up over a whole tree.
  fileprivate mutating func sum() throws(FeedError) -> UInt64 {
    try varint(max: 1 << 48)
  }
}
