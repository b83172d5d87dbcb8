/// What an entry becomes for a peer when nothing later can change that.
package enum SettledProjection: Sendable, Hashable {
  /// This goes.
  case item(Item)
  /// Nothing goes.
  case nothing
  /// The record has to be looked at, as it stands now.
  case open
}

extension Entry {
  /// Whether earlier entries of the record may go out otherwise because of this one: it moved a record that was known, took values back, or changed the policy.
  package var unsettlesEarlier: Bool {
    switch self {
    case .policy, .withdrawn: true
    case .withdrawTo, .answer, .relay, .relayState: false
    case .change(_, _, _, let before, let after, _), .state(_, _, let before, let after, _):
      before != after && before != .neverKnown
    }
  }
}

extension Projector {
  /// What `project` makes of an entry, without the record: for a stretch of the feed in which, and after which, no entry `unsettlesEarlier`.
  ///
  /// There a record that is known stays where it is and is held whole, so its changes go as they came, in their order. A record that the
  /// stretch makes goes upwards as the change that made it, even if it was written again since: what was written follows.
  package func settled(_ entry: Entry, _ ledger: Ledger) -> SettledProjection {
    switch entry {
    case .policy, .withdrawTo, .answer, .relay, .relayState, .withdrawn: return .open
    case .change(let ref, let dot, let took, let before, let after, let side):
      let view = view(after, ledger)
      if let told = settled(
        took, before, after, view, isFromPeer: side == .link(peer), ledger)
      {
        return told
      }
      // Downwards a state also says which fields are outside the view.
      if before == .neverKnown, !isUp { return .open }
      let shown = took.intersection(view)
      if shown.isEmpty { return before == .neverKnown ? .open : .nothing }
      return .item(.change(ref, dot: dot, fields: shown, payload: false))
    case .state(_, let payload, let before, let after, let from):
      let fields = FieldSet(payload.lazy.map(\.field))
      return settled(
        fields, before, after, view(after, ledger), isFromPeer: from == peer, ledger) ?? .open
    }
  }

  /// Where nothing goes, and where the record has to be looked at; nil when the entry goes as it is.
  private func settled(
    _ fields: FieldSet, _ before: Routing, _ after: Routing, _ view: FieldSet, isFromPeer: Bool,
    _ ledger: Ledger
  ) -> SettledProjection? {
    let isCreation = before == .neverKnown
    guard !ledger.isGated, isCreation || before == after else { return .open }
    if isFromPeer, !ledger.masks.fields.isDisjoint(with: fields) { return .open }
    if view.isEmpty { return isUp || !isFromPeer ? .nothing : .open }
    guard isFromPeer else { return nil }
    return isCreation && !fields.isSubset(of: view) ? .open : .nothing
  }
}
