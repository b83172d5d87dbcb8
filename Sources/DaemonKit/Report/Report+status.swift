extension Report {
  /// `status`: the node at a glance, and its links.
  package func status(_ document: JSON) -> String {
    let title = [cell(document["name"]), cell(document["node"]), word(document["tier"])]
      .filter { !$0.isEmpty }.joined(separator: "  ")
    let rows: [(Phrase, String)] = [
      (.node, title),
      (.state, word(document["state"])),
      (.incarnation, cell(document["incarnation"])),
      (.clock, document["clock_offset_ms"].map { "\($0.plain) ms" } ?? ""),
      (.unsealed, cell(document["unsealed"])),
      (.feedHead, feedHead(document["feed_head"])),
      (.parked, cell(document["parked"])),
      (.conflicts, conflictCount(document)),
      (.quarantine, cell(document["quarantine_open"])),
      (.handover, handover(document)),
      (.policyEpoch, cell(document["policy_epoch"])),
      (.catalogEpoch, cell(document["catalog_epoch"])),
    ]
    let refused = document["refused_certificates"]?.elements ?? []
    let alarms = document["alarms"]?.elements ?? []
    return pairs(rows) + "\n\n" + links(document["links"] ?? .array([]))
      + (alarms.isEmpty ? "" : "\n\n" + self.alarms(alarms))
      + (refused.isEmpty ? "" : "\n\n" + refusedCertificates(refused))
  }

  /// What must be heard of, newest first; the details a line each, for they are long.
  private func alarms(_ entries: [JSON]) -> String {
    say(.alarms) + "\n"
      + entries.map { entry in
        [moment(entry["at"]), word(entry["code"]), cell(entry["peer"])]
          .filter { !$0.isEmpty }.joined(separator: "  ") + "\n  " + cell(entry["detail"])
      }.joined(separator: "\n")
  }

  /// Who came with a certificate that was not accepted, as the certificate itself says, and what to do.
  private func refusedCertificates(_ entries: [JSON]) -> String {
    say(.refusedCertificates) + "\n"
      + table(
        entries, right: [1],
        [
          (.peer, { cell($0["peer"]) }),
          (.times, { cell($0["count"]) }),
          (.lastTime, { cell($0["last_at"]) }),
          (.reason, { explained(cell($0["code"]), cell($0["reason"])) }),
        ])
  }

  /// `links`: each link, both directions.
  package func links(_ document: JSON) -> String {
    let links = document["links"]?.elements ?? document.elements
    guard !links.isEmpty else { return say(.noLinks) }
    return table(
      links, right: [4, 5, 6],
      [
        (.peer, { cell($0["peer"]) }),
        (.role, { word($0["role"]) }),
        (.loop, { word($0["loop"]) }),
        (.state, { word($0["state"]) }),
        (.toSend, { cell($0["to_send"]) }),
        (.unacked, { cell($0["unacked"]) }),
        (.behind, { duration($0["behind_seconds"]) }),
        (.received, { moment($0["received_at"]) }),
        (.catchUp, { catchUp($0["catch_up"]) }),
        (.verified, { verified($0) }),
      ]) + reasons(links)
  }

  /// Why links are not live, a line each below the table: within it one long reason would push all columns off the screen.
  private func reasons(_ links: [JSON]) -> String {
    let lines = links.compactMap { link -> String? in
      let reason = reason(link["reason"])
      return reason.isEmpty ? nil : "\(cell(link["peer"]))  \(reason)"
    }
    return lines.isEmpty ? "" : "\n\n" + lines.joined(separator: "\n")
  }

  /// `2 (1 by rule)`: those that wait, and those that rank decided where there are some.
  private func conflictCount(_ document: JSON) -> String {
    let open = cell(document["conflicts_open"])
    guard let ruled = document["conflicts_by_rule"]?.integer, ruled > 0 else { return open }
    return "\(open) (\(ruled) \(Phrase.word("by_rule", in: language)))"
  }

  /// Open rows of the archive, with a warning above the limit: nothing is dropped, somebody must act.
  private func handover(_ document: JSON) -> String {
    let open = document["handover_open"]?.integer ?? 0
    guard let limit = document["handover_limit"]?.integer, open > limit else { return "\(open)" }
    return "\(open)  " + say(.handoverFull)
  }

  private func verified(_ link: JSON) -> String {
    guard let different = link["verify_different"]?.integer else { return "" }
    let time = moment(link["verified_at"])
    return different == 0 ? time : "\(time) (\(say(.different)) \(different))"
  }

  private func catchUp(_ json: JSON?) -> String {
    guard let done = json?["done"]?.integer else { return "" }
    guard let total = json?["total"]?.integer, total > 0 else { return "\(done)" }
    let left = json?["seconds_left"]?.integer.map { ", \($0) s" } ?? ""
    return "\(done)/\(total) (\(min(100, done * 100 / total)) %\(left))"
  }

  private func feedHead(_ json: JSON?) -> String {
    guard case .object(let members) = json else { return cell(json) }
    return members.map { "\(Phrase.word($0.name, in: language)) \($0.value.plain)" }
      .joined(separator: ", ")
  }
}
