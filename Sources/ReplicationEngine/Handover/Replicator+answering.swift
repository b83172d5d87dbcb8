package import ReplicationCore
import SignedFeed

/// What a node makes of a child's inquiry.
package struct HandoverVerdict: Sendable, Hashable {
  package var isSafe: [Bool]
  /// What this node cannot tell because it never held the values, or handed them on: to be asked further up.
  package var onward: [HandoverInquiry.Group]

  package init(isSafe: [Bool], onward: [HandoverInquiry.Group]) {
    self.isSafe = isSafe
    self.onward = onward
  }
}

extension Replicator {
  /// Answers a child: which of the values that it names are held here, overwritten by who saw them, or in this node's own archive.
  ///
  /// No oracle: a value counts only in fields that the child may hold, and for an asker who names the proof of a value of the record
  /// that this node knows, who holds the record now, or who (or below whom somebody) wrote the value itself.
  package func answer(
    _ inquiry: HandoverInquiry, of child: NodeID, _ tx: any StoreTransaction
  ) throws -> HandoverVerdict {
    let refs = Set(inquiry.groups.map(\.ref))
    let records = try tx.load(refs.sorted(), lock: false).records
    let archived = Dictionary(grouping: try tx.archived(.records(refs)), by: \.ref)
    var dots = Set<Dot>()
    for group in inquiry.groups {
      guard let record = records[group.ref] else { continue }
      for question in group.questions where record[question.field].has(question.dot) {
        dots.insert(question.dot)
      }
    }
    let evidence = try tx.batches(containing: dots)
    var verdict = HandoverVerdict(isSafe: [], onward: [])
    for group in inquiry.groups {
      let known = KnownValues(
        record: records[group.ref] ?? Record(), archived: archived[group.ref] ?? [],
        evidence: evidence)
      judge(group, of: child, known, &verdict)
    }
    return verdict
  }

  private func judge(
    _ group: HandoverInquiry.Group, of child: NodeID, _ known: KnownValues,
    _ verdict: inout HandoverVerdict
  ) {
    let ledger = group.ref.ledger
    let theirs = policy.fields(of: child, in: ledger)
    let above = parent.map { policy.fields(of: $0, in: ledger) } ?? FieldSet()
    let isProven = group.questions.contains {
      theirs.contains($0.field) && known.proof($0.field, $0.dot) == $0.proof
    }
    let homes = known.record.routing(by: policy.routingFields(of: ledger)).homes
    let isTheirs = !homes.isEmpty && !policy.fields(of: child, in: ledger, homes: homes).isEmpty
    var onward: [HandoverInquiry.Question] = []
    for question in group.questions {
      let author = question.dot.replica.node
      let isOwn = author == child || child.mayBeParent(of: author)
      let isEntitled = isProven || (question.isVouched && (isTheirs || isOwn))
      let mayAsk = theirs.contains(question.field)
      let isSafe = mayAsk && isEntitled && known.covers(question.field, question.dot)
      verdict.isSafe.append(isSafe)
      guard mayAsk, !isSafe, above.contains(question.field),
        !known.record[question.field].isHeld
      else { continue }
      onward.append(
        HandoverInquiry.Question(
          field: question.field, dot: question.dot, proof: question.proof,
          isVouched: question.isVouched && isOwn))
    }
    if !onward.isEmpty {
      verdict.onward.append(HandoverInquiry.Group(group.ref, onward))
    }
  }

  /// The questions that are due to the parent, whole rows, as many as fit into one frame; empty when there are none.
  package func dueQuestions(
    at now: Int64, _ tx: any StoreTransaction
  ) throws -> [(id: UInt64, group: HandoverInquiry.Group)] {
    var room = HandoverInquiry.maximumQuestions
    var result: [(id: UInt64, group: HandoverInquiry.Group)] = []
    for item in try tx.archived(.due(at: now, limit: HandoverInquiry.maximumGroups)) {
      let questions = item.questions
      guard !questions.isEmpty, questions.count <= room else { continue }
      room -= questions.count
      result.append((item.id, HandoverInquiry.Group(item.ref, questions)))
    }
    return result
  }
}

/// All that a node can tell of one record's values.
private struct KnownValues {
  let record: Record
  let archived: [HandoverItem]
  let evidence: [SignedBatch]

  /// What a mask leaves of a value is not the value.
  func covers(_ field: FieldID, _ dot: Dot) -> Bool {
    let register = record[field]
    let held = register.siblings.first { $0.dot == dot }
    return held.map { !$0.value.isMasked } ?? register.covers(dot)
      || archived.contains { $0.covers(field, dot) }
  }

  /// The proof that belongs to a value which is held or archived here; nil for others.
  func proof(_ field: FieldID, _ dot: Dot) -> Digest? {
    if record[field].has(dot) { return evidence.possession(dot, field) }
    for item in archived {
      for question in item.questions where question.field == field && question.dot == dot {
        return question.proof
      }
    }
    return nil
  }
}
