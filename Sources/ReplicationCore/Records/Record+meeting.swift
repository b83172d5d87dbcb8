/// A deletion and a write that it did not see, come from different sides to this node: it writes the record back alive.
package struct Meeting: Hashable, Sendable {
  /// The shown deletion.
  package let deletion: Dot
  /// The write that the deleter had not seen.
  package let unseen: Dot

  package init(deletion: Dot, unseen: Dot) {
    self.deletion = deletion
    self.unseen = unseen
  }
}

extension Record {
  /// The meeting at this node of the shown deletion with a write that it did not see; nil when there is none.
  ///
  /// Both from the same side: they met further back, and that node answers.
  package func meeting(routing: [FieldID]) -> Meeting? {
    guard let deletion = self[.alive].shown(), case .deleted(let seen) = deletion.value else {
      return nil
    }
    let exempt = FieldSet.existence.union(FieldSet(routing))
    for entry in registers where !exempt.contains(entry.field) {
      for sibling in entry.register.siblings where sibling.side != deletion.side {
        let isSeen = seen.contains { $0.field == entry.field && $0.context.covers(sibling.dot) }
        if !isSeen { return Meeting(deletion: deletion.dot, unseen: sibling.dot) }
      }
    }
    return nil
  }

  /// What a deletion by this node names as seen: the context of every data field that it holds.
  package func seenContexts(routing: [FieldID]) -> [FieldContext] {
    let exempt = FieldSet.existence.union(FieldSet(routing))
    return registers.filter { !exempt.contains($0.field) }
      .map { FieldContext($0.field, $0.register.context) }
  }
}
