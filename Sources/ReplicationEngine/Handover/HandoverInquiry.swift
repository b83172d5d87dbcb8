package import ReplicationCore
package import SignedFeed

/// A child asks whether values that it had to give up are held where the record now lives.
package struct HandoverInquiry: Sendable, Hashable {
  /// One value: a field and a dot, and the proof that the asker has held it.
  package struct Question: Sendable, Hashable {
    package let field: FieldID
    package let dot: Dot
    /// `SignedBatch.possession` of the value.
    package let proof: Digest
    /// The asker stands for the question itself. False: it passes on what a child asks and could not check it.
    package let isVouched: Bool

    package init(field: FieldID, dot: Dot, proof: Digest, isVouched: Bool) {
      self.field = field
      self.dot = dot
      self.proof = proof
      self.isVouched = isVouched
    }
  }

  /// The questions of one asker about one record.
  package struct Group: Sendable, Hashable {
    package let ref: RecordRef
    package var questions: [Question]

    package init(_ ref: RecordRef, _ questions: [Question]) {
      self.ref = ref
      self.questions = questions
    }
  }

  /// From 1; an answer names it.
  package let id: UInt64
  package var groups: [Group]

  package init(id: UInt64, groups: [Group]) {
    self.id = id
    self.groups = groups
  }

  /// Groups of one frame.
  package static let maximumGroups = 256
  /// Questions of one frame, all groups.
  package static let maximumQuestions = 2048

  package var questionCount: Int { groups.reduce(0) { $0 + $1.questions.count } }
}

/// What the parent says to an inquiry. No and unknown are one answer.
package struct HandoverAnswer: Sendable, Hashable {
  package let id: UInt64
  /// In the order of the questions: the value is held, overwritten by one who saw it, or in an archive further up.
  package let isSafe: [Bool]

  package init(id: UInt64, isSafe: [Bool]) {
    self.id = id
    self.isSafe = isSafe
  }
}

extension HandoverInquiry {
  func write(to writer: inout ByteWriter) {
    writer.varint(id)
    writer.varint(UInt64(groups.count))
    for group in groups {
      writer.ref(group.ref)
      writer.varint(UInt64(group.questions.count))
      for question in group.questions {
        writer.byte(question.field.number)
        writer.dot(question.dot)
        writer.digest(question.proof)
        writer.flag(question.isVouched)
      }
    }
  }

  init(from reader: inout ByteReader) throws(FeedError) {
    id = try reader.index()
    groups = []
    var left = Self.maximumQuestions
    for _ in 0..<(try reader.count(max: Self.maximumGroups)) {
      let ref = try reader.ref()
      let count = try reader.count(max: left)
      left -= count
      var questions: [Question] = []
      for _ in 0..<count {
        questions.append(
          Question(
            field: try reader.field(), dot: try reader.dot(), proof: try reader.digest(),
            isVouched: try reader.flag()))
      }
      groups.append(Group(ref, questions))
    }
  }
}

extension HandoverAnswer {
  func write(to writer: inout ByteWriter) {
    writer.varint(id)
    writer.varint(UInt64(isSafe.count))
    for answer in isSafe { writer.flag(answer) }
  }

  init(from reader: inout ByteReader) throws(FeedError) {
    id = try reader.index()
    var answers: [Bool] = []
    for _ in 0..<(try reader.count(max: HandoverInquiry.maximumQuestions)) {
      answers.append(try reader.flag())
    }
    isSafe = answers
  }
}
