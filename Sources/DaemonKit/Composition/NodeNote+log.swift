import Logging
import ReplicationEngine

extension Logger {
  /// Writes what the service noted. Logs do not change with the language, and hold no value of a record.
  func write(_ note: NodeNote) {
    switch note {
    case .linkUp(let peer): info("link up", metadata: ["peer": "\(peer)"])
    case .linkEnded(let peer, let end):
      notice("link ended", metadata: ["peer": "\(peer)", "reason": "\(end)"])
    case .dialFailed(let peer, let reason, let retry):
      warning(
        "the parent cannot be reached",
        metadata: ["peer": "\(peer)", "reason": "\(reason)", "retry_in": "\(retry)"])
    case .refusedChannel(let peer, let reason):
      warning("channel refused", metadata: ["peer": "\(peer)", "reason": "\(reason)"])
    case .signerRefused(let node):
      error(
        "a kept signing certificate no longer leads to the region's root",
        metadata: ["signer": "\(node)"])
    case .adopted(let kind, let epoch):
      notice("adopted", metadata: ["document": "\(kind)", "epoch": "\(epoch)"])
    case .alarm(let alarm):
      error(
        "alarm",
        metadata: [
          "code": "\(alarm.code.rawValue)", "peer": "\(alarm.peer.map { "\($0)" } ?? "")",
          "detail": "\(alarm.detail)",
        ])
    case .renumbered(let incarnation, let reason):
      warning(
        "a new incarnation began",
        metadata: ["incarnation": "\(incarnation)", "reason": "\(reason)"])
    case .highWaterFailed(let reason):
      error("the high-water file could not be written", metadata: ["reason": "\(reason)"])
    case .linkDiffers(let peer, let result):
      warning(
        "the two ends of a link differ: run huijiactl verify --link PEER --repair",
        metadata: ["peer": "\(peer)", "different": "\(result.different)"])
    case .unproved(let peer, let refs):
      warning(
        "values without a proof were not sent: run huijiactl verify --link PEER --repair",
        metadata: [
          "peer": "\(peer)", "records": "\(refs.count)",
          "first": "\(refs.first.map(String.init(describing:)) ?? "")",
        ])
    case .comparisonFailed(let peer, let reason):
      warning("a link could not be compared", metadata: ["peer": "\(peer)", "reason": "\(reason)"])
    case .sealFailed(let reason):
      error("local writes could not be sealed", metadata: ["reason": "\(reason)"])
    case .retryFailed(let reason):
      error("parked changes could not be tried again", metadata: ["reason": "\(reason)"])
    case .handoverFailed(let reason):
      error(
        "the parent could not be asked about the hand-over archive",
        metadata: ["reason": "\(reason)"])
    case .handedOver(let count):
      info("archived values arrived where they belong", metadata: ["rows": "\(count)"])
    case .trimFailed(let reason):
      error("the feed could not be trimmed", metadata: ["reason": "\(reason)"])
    }
  }
}
