package import ReplicationCore
package import SignedFeed

/// A row of the hand-over archive: which values of a record left this node, and the values themselves, which this node cannot read.
package struct HandoverItem: Sendable, Hashable {
  /// The values with their proofs.
  package enum Content: Sendable, Hashable {
    /// The authors' batches in plain: the key to seal them to has not been heard yet.
    case plain([SignedBatch])
    /// Sealed to a node's key.
    case sealed(NodeID, SealedBox)
    /// Gone: the row is a receipt that the values arrived where they belong.
    case settled
  }

  /// 0 until the store has given one out; ascending.
  package var id: UInt64
  package let ref: RecordRef
  package let payload: [FieldDots]
  /// What the values include or have overwritten, per field.
  package let contexts: [FieldContext]
  /// `SignedBatch.possession` of each dot, in the payload's order: this node held the value.
  package let proofs: [Digest]
  /// The parent may hold these fields, so it can say where they are; if not they are for the operator to hand over.
  package let isAskable: Bool
  /// Where the record had gone, as far as this node saw.
  package let movedTo: DivisionCode?
  package var content: Content
  /// Microseconds since 1970 UTC.
  package var since: Int64
  /// How often the parent was asked.
  package var asked: UInt32
  package var isExported: Bool

  package init(
    id: UInt64 = 0, ref: RecordRef, payload: [FieldDots], contexts: [FieldContext],
    proofs: [Digest], isAskable: Bool, movedTo: DivisionCode?, content: Content,
    since: Int64 = 0, asked: UInt32 = 0, isExported: Bool = false
  ) {
    self.id = id
    self.ref = ref
    self.payload = payload
    self.contexts = contexts
    self.proofs = proofs
    self.isAskable = isAskable
    self.movedTo = movedTo
    self.content = content
    self.since = since
    self.asked = asked
    self.isExported = isExported
  }

  /// What a box is bound to: it opens for no other record and no other dots.
  package var boxContext: [UInt8] { Self.boxContext(ref, payload) }

  static func boxContext(_ ref: RecordRef, _ payload: [FieldDots]) -> [UInt8] {
    var context = ByteWriter(capacity: 256)
    context.text("huijia handover box 1")
    context.ref(ref)
    context.fieldDots(payload)
    return context.bytes
  }

  /// Whether a value of a field is among what this row keeps, or was overwritten by it.
  func covers(_ field: FieldID, _ dot: Dot) -> Bool {
    contexts.contains { $0.field == field && $0.context.covers(dot) }
  }

  /// The row's values by field, dot and proof; empty when the row was made before there were proofs.
  var questions: [HandoverInquiry.Question] {
    var result: [HandoverInquiry.Question] = []
    var proofs = proofs[...]
    for entry in payload {
      for dot in entry.dots {
        guard let proof = proofs.popFirst() else { return [] }
        result.append(
          HandoverInquiry.Question(field: entry.field, dot: dot, proof: proof, isVouched: true))
      }
    }
    return result
  }
}

/// Which rows of the archive are wanted.
package enum HandoverQuery: Sendable, Hashable {
  /// Not settled, ascending by id, after one.
  case open(after: UInt64, limit: Int)
  /// Open, and the parent is to be asked at this time (microseconds since 1970 UTC) or was before.
  case due(at: Int64, limit: Int)
  /// Open and not sealed yet.
  case plain(limit: Int)
  /// Those with these ids, settled ones too.
  case ids([UInt64])
  /// All of some records, receipts too.
  case records(Set<RecordRef>)
}

/// How full the archive is.
package struct HandoverFigures: Sendable, Hashable {
  /// Rows that wait for the parent's word or for the operator.
  package var open: UInt64
  /// Of these, rows with fields that the parent may not see.
  package var forOperator: UInt64
  package init(open: UInt64 = 0, forOperator: UInt64 = 0) {
    self.open = open
    self.forOperator = forOperator
  }
}
