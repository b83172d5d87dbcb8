extension Projector {
  /// One entry of the feed, other than a policy, as it goes to the peer.
  ///
  /// - Parameters:
  ///   - record: what is held of the entry's record now; an empty one when nothing is.
  ///   - steps: the policy entries of this feed at and after the slice.
  package func project(
    _ entry: Entry, at position: UInt64, _ record: Record, _ ledger: Ledger, steps: [PolicyStep],
    into output: inout Output
  ) {
    switch entry {
    case .policy: break
    case .withdrawTo(let ref, let child):
      if peer == child { withdrawIfOutside(ref, record, ledger, &output) }
    case .answer(let ref, let to):
      if peer == to { answer(ref, record, ledger, &output) }
    case .relay(let ref, let dot, let fields, let to, let from):
      if peer == from, !isUp { output.items.append(.withdrawal(ref, fields: nil)) }
      guard peer == to else { return }
      send(
        .change(dot, fields), of: ref, in: ledger.passing, masked: ledger.masks.fields,
        archivesRest: true,
        &output)
    case .relayState(let ref, let payload, let to, let from):
      if peer == from, !isUp { output.items.append(.withdrawal(ref, fields: nil)) }
      guard peer == to else { return }
      send(
        .state(payload), of: ref, in: ledger.passing, masked: ledger.masks.fields,
        archivesRest: true,
        &output)
    case .withdrawn(let ref, let fields, _, let before, _, let from):
      if isUp { return }
      if from == node { return withdrawGivenUp(fields, of: ref, before, ledger, &output) }
      let rules = steps.first { $0.position > position }?.old ?? policy
      withdraw(fields, of: ref, before, ledger, under: rules, &output)
    case .change(let ref, let dot, let took, let before, let after, let side):
      let news = News(
        ref: ref, content: .change(dot, took), before: before, after: after,
        isFromPeer: side == .link(peer), position: position)
      project(news, record, ledger, steps, &output)
    case .state(let ref, let payload, let before, let after, let from):
      let news = News(
        ref: ref, content: .state(payload), before: before, after: after,
        isFromPeer: from == peer, position: position)
      project(news, record, ledger, steps, &output)
    }
  }

  /// What the parent took back because the record went elsewhere is taken back from the child too.
  ///
  /// What it took back because this node lost the right says nothing of the child, which keeps what the policy leaves it: most of all
  /// what it writes itself. `rules`: those by which the parent took it back.
  private func withdraw(
    _ fields: FieldSet?, of ref: RecordRef, _ before: Routing, _ ledger: Ledger,
    under rules: any ViewPolicy, _ output: inout Output
  ) {
    let seen = view(before, ledger)
    let own = rules.fields(of: node, in: ledger.id, homes: before.homes)
    if let fields {
      let lost = seen.intersection(fields).intersection(own)
      if !lost.isEmpty { output.items.append(.withdrawal(ref, fields: lost)) }
    } else if !seen.isEmpty, !own.isEmpty {
      output.items.append(.withdrawal(ref, fields: nil))
    }
  }

  /// What this node gave up by itself, for the policy allows it no more: a child that had it from here, and may not hold it either,
  /// is told; the policy's own entry tells only of what is held here still.
  private func withdrawGivenUp(
    _ fields: FieldSet?, of ref: RecordRef, _ before: Routing, _ ledger: Ledger,
    _ output: inout Output
  ) {
    let now = view(before, ledger)
    let had = former.reduce(FieldSet()) { $0.union(view(before, ledger.id, under: $1)) }
    let lost = had.subtracting(now).intersection(fields ?? .everything)
    if lost.isEmpty { return }
    output.items.append(.withdrawal(ref, fields: now.isEmpty ? nil : lost))
  }

  private func withdrawIfOutside(
    _ ref: RecordRef, _ record: Record, _ ledger: Ledger, _ output: inout Output
  ) {
    if view(record.routing(by: ledger.routing), ledger).isEmpty {
      output.items.append(.withdrawal(ref, fields: nil))
    }
  }

  private func answer(
    _ ref: RecordRef, _ record: Record, _ ledger: Ledger, _ output: inout Output
  ) {
    if let item = catchUp(ref, record, ledger) {
      output.items.append(item)
    } else if !isUp {
      withdrawIfOutside(ref, record, ledger, &output)
    }
  }

  /// Sends what an entry itself carries, as payload, in the fields that may go; what may not, upwards, is archived once.
  private func send(
    _ content: Content, of ref: RecordRef, in fields: FieldSet, masked: FieldSet,
    archivesRest: Bool, _ output: inout Output
  ) {
    let passing = content.restricted(to: fields)
    switch passing {
    case .change(let dot, let shown) where !shown.isEmpty:
      output.items.append(.change(ref, dot: dot, fields: shown, payload: true))
    case .state(let shown) where !shown.isEmpty:
      output.items.append(
        .state(ref, siblings: shown, view: passing.fields, payload: true))
    default: break
    }
    // Of what the parent sees only masked the value itself stays here.
    let rest = content.fields.subtracting(fields.subtracting(isUp ? masked : []))
    if archivesRest, !rest.isEmpty {
      output.archived.append((ref, content.restricted(to: rest).fieldDots))
    }
  }

  private func project(
    _ news: News, _ record: Record, _ ledger: Ledger, _ steps: [PolicyStep],
    _ output: inout Output
  ) {
    guard record.isHeld else { return projectNotHeld(news, ledger, &output) }
    let before = view(news.before, ledger)
    let after = news.after == news.before ? before : view(news.after, ledger)
    let isMoving = news.position == record.moved
    let leavesView = !isUp && after.isEmpty && (!before.isEmpty || news.isFromPeer)
    if news.position < record.moved {
      if leavesView { return output.items.append(.withdrawal(news.ref, fields: nil)) }
      return sendLeft(news, record, ledger, before, after, &output)
    }
    if !steps.isEmpty,
      isLeft(to: steps, after: news.position, record.routing(by: ledger.routing), ledger)
    {
      return sendLeft(news, record, ledger, before, after, &output)
    }
    if after.isEmpty {
      if leavesView { output.items.append(.withdrawal(news.ref, fields: nil)) }
      return
    }
    let fields = released(after, of: record, ledger)
    if fields.isEmpty { return sendLeft(news, record, ledger, before, after, &output) }
    if isMoving {
      let isKnownThere = news.isFromPeer && news.before == .neverKnown
      if isKnownThere, news.content.fields.isSubset(of: after), !isMaskedBack(news, record, ledger)
      {
        return
      }
      if let creation = creation(news, record, fields, ledger) {
        return output.items.append(creation)
      }
      output.items.append(state(of: news.ref, record, fields: fields, ledger))
      return sendLeft(news, record, ledger, before, after, &output)
    }
    if news.isFromPeer {
      if isMaskedBack(news, record, ledger) {
        output.items.append(state(of: news.ref, record, fields: fields, ledger))
      }
      return
    }
    guard case .change(let dot, let took) = news.content, !ledger.isGated else {
      return output.items.append(state(of: news.ref, record, fields: fields, ledger))
    }
    let shown = took.intersection(fields)
    if !shown.isEmpty {
      output.items.append(.change(news.ref, dot: dot, fields: shown, payload: false))
    }
  }

  /// Whether the peer told of fields that it may now see only masked: it gets them so.
  private func isMaskedBack(_ news: News, _ record: Record, _ ledger: Ledger) -> Bool {
    if ledger.masks.isEmpty { return false }
    let masks = masks(record.routing(by: ledger.routing), ledger)
    return !masks.fields.isDisjoint(with: news.content.fields)
  }

  /// The change that made a record, upwards, while all that the parent may hold of the record still comes from it; else nil.
  ///
  /// Its fields are the state's registers, so applying it does what merging the state would, and it names one dot instead of
  /// one a field. Not downwards: there a state also says which fields are outside the view.
  private func creation(
    _ news: News, _ record: Record, _ fields: FieldSet, _ ledger: Ledger
  ) -> Item? {
    guard isUp, !ledger.isGated, news.before == .neverKnown,
      case .change(let dot, let took) = news.content
    else { return nil }
    var held = FieldSet()
    for entry in record.registers {
      held.insert(entry.field)
      guard fields.contains(entry.field) else { continue }
      let siblings = entry.register.siblings
      guard siblings.count == 1, siblings[0].dot == dot else { return nil }
    }
    let shown = held.intersection(fields)
    guard took.isSubset(of: held), !shown.isEmpty else { return nil }
    return .change(news.ref, dot: dot, fields: shown, payload: false)
  }

  private func projectNotHeld(_ news: News, _ ledger: Ledger, _ output: inout Output) {
    if isUp {
      if news.isFromPeer { return }
      send(
        news.content, of: news.ref, in: ledger.passing, masked: ledger.masks.fields,
        archivesRest: true,
        &output)
      return
    }
    let wasSeen = !view(news.before, ledger).isEmpty || !view(news.after, ledger).isEmpty
    if wasSeen || news.isFromPeer {
      output.items.append(.withdrawal(news.ref, fields: nil))
    }
  }

  /// The fields of an entry that are no longer held here travel from what the entry carried.
  private func sendLeft(
    _ news: News, _ record: Record, _ ledger: Ledger, _ before: FieldSet, _ after: FieldSet,
    _ output: inout Output
  ) {
    if news.isFromPeer { return }
    let gone = news.content.fieldsNotCovered(by: record)
    if gone.isEmpty { return }
    let fields: FieldSet
    if isUp {
      fields = ledger.passing
    } else {
      let now = view(record.routing(by: ledger.routing), ledger)
      fields = after.intersection(now)
        .intersection(news.position == record.moved ? after : before)
    }
    let left = news.content.restricted(to: gone)
    send(left, of: news.ref, in: fields, masked: ledger.masks.fields, archivesRest: isUp, &output)
  }
}
