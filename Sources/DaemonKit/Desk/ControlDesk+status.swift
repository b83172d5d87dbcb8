import Governance
import NodeIdentity
import PeerTransport
import PostgresStore
import ReplicationEngine

extension ControlDesk {
  /// `status`: this node at a glance.
  func status() async throws -> JSON {
    let figures = try await store.figures()
    let (handover, alarms) = try await store.read { (try $0.handoverFigures(), try $0.alarms()) }
    let policy = governance.current
    return [
      "node": .string("\(settings.node)"),
      "tier": .string(settings.tier.rawValue),
      "name": .string(settings.name),
      "incarnation": .integer(figures.incarnation),
      "state": .string(state(hasPolicy: policy != nil)),
      "state_reason": .string(stateReason),
      "clock_offset_ms": .integer(service.clockOffset / 1000),
      "unsealed": .integer(figures.unsealed),
      "feed_head": ["bulk": .integer(figures.bulkHead), "urgent": .integer(figures.urgentHead)],
      "conflicts_open": .integer(figures.pendingConflicts),
      "conflicts_by_rule": .integer(figures.ruledConflicts),
      "quarantine_open": .integer(figures.quarantined),
      "parked": .integer(figures.parked),
      "to_erase": .integer(figures.toErase),
      "handover_open": .integer(handover.open),
      "handover_for_operator": .integer(handover.forOperator),
      "handover_limit": .integer(settings.limits.handoverRows),
      "policy_epoch": .integer(policy?.epoch ?? 0),
      "catalog_epoch": .integer(policy?.catalog.epoch ?? 0),
      "links": try await links(),
      "refused_certificates": .array(refusedCertificates.all.map(\.json)),
      "alarms": .array(alarms.map(\.json)),
    ]
  }

  /// `links`: each link, both directions.
  func links() async throws -> JSON {
    .array(
      try await service.linkStatuses().map { known in
        let link = known.knowing(refusedCertificates.all)
        return [
          "peer": .string("\(link.peer)"),
          "role": .string(link.role.rawValue),
          "loop": .string(link.loop.rawValue),
          "state": .string(link.state.rawValue),
          "reason": .string(link.reason),
          "to_send": .integer(link.toSend),
          "unacked": .integer(link.unacknowledged),
          "behind_seconds": .number("\((link.behindSeconds * 1000).rounded() / 1000)"),
          "received_at": .optional(link.receivedAt.map { Timestamp($0).description }),
          "catch_up": link.catchUp.map {
            [
              "done": .integer($0.done), "total": .integer($0.total),
              "rate": $0.rate.map { .integer(Int64($0.rounded())) } ?? .null,
              "seconds_left": $0.secondsLeft.map { .integer(Int64($0.rounded(.up))) } ?? .null,
            ]
          } ?? .null,
          "verified_at": .optional(link.verifiedAt.map { Timestamp($0).description }),
          "verify_different": link.comparison.map { .integer($0.different) } ?? .null,
          "sent_bytes": .integer(link.sentBytes),
          "received_bytes": .integer(link.receivedBytes),
        ]
      })
  }

  private func state(hasPolicy: Bool) -> String {
    guard hasPolicy else { return "waiting_for_policy" }
    let right = service.sealingRight
    return right == .granted ? "running" : right.rawValue
  }

  /// Why local writes are captured and not signed yet; empty when they are.
  private var stateReason: String {
    switch service.sealingRight {
    case .granted: ""
    case .waitingForParent:
      "no high-water file: the parent must say whether this database is older than what it gave out"
    case .waitingForChild:
      "no high-water file: the first child says whether this database is older than what it gave out"
    case .renumbering: "this database is older than what this node gave out"
    }
  }
}

extension LinkStatus {
  /// The same link; where its child came since with a certificate of its own that was refused, it says so.
  fileprivate func knowing(_ refused: [CertificateRefusals.Entry]) -> LinkStatus {
    guard role == .child, state == .connecting else { return self }
    let own = refused.first { entry in
      entry.certificate.isGenuine && entry.certificate.claimed == .node(peer)
        && entry.lastAt > receivedAt ?? 0
    }
    guard let own else { return self }
    var status = self
    status.state = .refused
    status.reason = "untrusted: \(own.certificate.reason)"
    return status
  }
}

extension Alarm {
  fileprivate var json: JSON {
    [
      "code": .string(code.rawValue),
      "at": .string(Timestamp(at).description),
      "peer": .optional(peer.map { "\($0)" }),
      "detail": .string(detail),
    ]
  }
}

extension CertificateRefusals.Entry {
  /// Who (as the certificate says), why and what to do, how often, when first and last.
  fileprivate var json: JSON {
    let peer: String? =
      switch certificate.claimed {
      case .node(let node): "\(node)"
      case let other?: "\(other)"
      case nil: nil
      }
    return [
      "peer": .optional(peer),
      "code": .string(certificate.reason.code),
      "reason": .string("\(certificate.reason)"),
      "genuine": .bool(certificate.isGenuine),
      "count": .integer(count),
      "first_at": .string(Timestamp(firstAt).description),
      "last_at": .string(Timestamp(lastAt).description),
    ]
  }
}
