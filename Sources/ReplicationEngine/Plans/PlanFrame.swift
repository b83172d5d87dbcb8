package import ReplicationCore

/// One frame of a plan: the question goes down the tree, reports come up.
package enum PlanFrame: Hashable, Sendable {
  case question(PlanQuestionPart)
  case report(PlanReport)
}

/// A piece of a policy that is planned: it may be larger than a frame.
package struct PlanQuestionPart: Hashable, Sendable {
  /// Of the plan; a later plan has a greater one.
  package var number: UInt64
  /// The policy and the catalog from which the change is reckoned.
  package var policyEpoch: UInt64
  package var catalogEpoch: UInt64
  /// Bytes of the whole policy.
  package var total: UInt64
  /// Where these bytes begin; parts come in order, without gaps.
  package var offset: UInt64
  package var bytes: [UInt8]

  package init(
    number: UInt64, policyEpoch: UInt64, catalogEpoch: UInt64, total: UInt64, offset: UInt64,
    bytes: [UInt8]
  ) {
    self.number = number
    self.policyEpoch = policyEpoch
    self.catalogEpoch = catalogEpoch
    self.total = total
    self.offset = offset
    self.bytes = bytes
  }
}

/// What one node tells of a plan, for the one who asked; handed on upwards as it is.
package struct PlanReport: Hashable, Sendable {
  package enum Content: Hashable, Sendable {
    /// Nodes below: asked, or out of reach.
    case roster([Entry])
    /// Counts; they add up with what the same node tells in other reports.
    case figures([Figure])
    /// So many records were looked at, and there is no more to tell.
    case done(looked: UInt64)
    /// It cannot tell: machine-readable, such as `policy`.
    case failed(String)
  }

  /// A node below the one that reports.
  package struct Entry: Hashable, Sendable {
    package enum State: UInt8, Hashable, Sendable, CaseIterable {
      case asked = 0, unreachable = 1, tooOld = 2
    }

    package var node: NodeID
    package var state: State
    /// When it was last heard, microseconds since 1970 UTC; 0: not since its parent began, or not known.
    package var heardAt: UInt64

    package init(_ node: NodeID, _ state: State, heardAt: UInt64) {
      self.node = node
      self.state = state
      self.heardAt = heardAt
    }
  }

  /// Counts of the reporting node for one link, ledger and set of homes.
  package struct Figure: Hashable, Sendable {
    package var flow: PlanFlow
    package var tally: PlanTally

    package init(_ flow: PlanFlow, _ tally: PlanTally) {
      self.flow = flow
      self.tally = tally
    }
  }

  package var number: UInt64
  /// Whose report it is.
  package var node: NodeID
  package var content: Content

  package init(number: UInt64, node: NodeID, _ content: Content) {
    self.number = number
    self.node = node
    self.content = content
  }

  /// Whether it speaks only of the node that reports, its links, and nodes below it.
  package var keepsToItsPlace: Bool {
    switch content {
    case .roster(let entries): entries.allSatisfy { node.mayBeParent(of: $0.node) }
    case .figures(let figures):
      figures.allSatisfy { figure in
        let (sender, receiver) = (figure.flow.sender, figure.flow.receiver)
        let other = sender == node ? receiver : sender
        return (sender == node || receiver == node)
          && (other == node || node.mayBeParent(of: other) || other.mayBeParent(of: node))
      }
    case .done, .failed: true
    }
  }
}

/// Bounds of a plan's frames, and of what it costs a node.
package enum PlanLimits {
  /// Entries of one roster, figures of one report.
  package static let entries = 256
  /// Homes that are counted together: a ledger's home columns.
  package static let homes = 8
  /// The longest reason.
  package static let reasonBytes = 64
  /// Records that one transaction looks at.
  package static let slice = 256
  /// Counts that are kept before they are told.
  package static let kept = 4096
  /// Reports that one child may send of one plan.
  package static let reports = 1_000_000
}

extension PlanQuestionPart {
  /// A whole policy in parts.
  static func parts(
    of source: [UInt8], number: UInt64, policyEpoch: UInt64, catalogEpoch: UInt64
  ) -> [PlanQuestionPart] {
    stride(from: 0, to: max(source.count, 1), by: FrameLimits.documentPartBytes).map { start in
      let end = min(source.count, start + FrameLimits.documentPartBytes)
      return PlanQuestionPart(
        number: number, policyEpoch: policyEpoch, catalogEpoch: catalogEpoch,
        total: UInt64(source.count), offset: UInt64(start), bytes: Array(source[start..<end]))
    }
  }
}

extension [PlanFlow: PlanTally] {
  /// As reports of a node, each of bounded size, in the order of ledgers and homes.
  func reports(of node: NodeID, number: UInt64) -> [PlanReport] {
    let figures = map { PlanReport.Figure($0.key, $0.value) }
    return stride(from: 0, to: figures.count, by: PlanLimits.entries).map { start in
      let end = Swift.min(figures.count, start + PlanLimits.entries)
      return PlanReport(number: number, node: node, .figures(Array(figures[start..<end])))
    }
  }
}
