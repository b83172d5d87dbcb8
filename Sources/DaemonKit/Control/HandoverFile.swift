import FoundationEssentials

/// A hand-over file between the operator's tool and the daemon, which opens no file of the operator's.
package enum HandoverFile {
  /// The bytes as an argument of a verb.
  package static func text(of bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

  /// The bytes in a daemon's answer; empty when there are none.
  package static func bytes(of document: JSON) -> [UInt8] {
    document["bundle"]?.text.flatMap { Data(base64Encoded: $0) }.map { [UInt8]($0) } ?? []
  }

  /// The answer without the bytes, and with the path that they were written to.
  package static func description(of document: JSON, _ path: String) -> JSON {
    guard case .object(let members) = document else { return document }
    return .object(
      members.filter { $0.name != "bundle" } + [JSON.Member("file", .string(path))])
  }
}
