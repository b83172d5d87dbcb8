import ReplicationCore

/// Cuts a walk through records into parts of equal size.
struct PartCutter {
  let size: UInt64
  private(set) var parts: [DigestPart] = []
  private var open = RangeDigest()
  private var last = ""

  init(size: UInt64) { self.size = size }

  /// Takes a record into the open part; false, and nothing happens, when there are as many parts as an answer may have.
  mutating func take(_ key: String, _ digest: ShareDigest) -> Bool {
    guard parts.count < DigestLimits.parts else { return false }
    open.add(digest)
    last = key
    if open.count >= size { close() }
    return true
  }

  /// Ends the part that is not full.
  mutating func close() {
    guard open.count > 0 else { return }
    parts.append(DigestPart(last: last, digest: open))
    open = RangeDigest()
  }
}

/// Makes a list of records as long as one answer may be.
struct ListCutter {
  private(set) var entries: [DigestEntry] = []
  private var bytes = 0

  /// Takes a record; false, and nothing happens, when the list is full.
  mutating func take(_ key: String, _ digest: ShareDigest) -> Bool {
    guard entries.count < DigestLimits.records, bytes < DigestLimits.answerBytes else {
      return false
    }
    entries.append(DigestEntry(key: key, digest: digest.short))
    bytes += key.utf8.count + 18
    return true
  }
}

extension [RecordDetail] {
  /// The first of them, at least one, as far as one answer may go.
  var fitting: [RecordDetail] {
    var bytes = 0
    var result: [RecordDetail] = []
    for detail in self {
      if !result.isEmpty, bytes > DigestLimits.answerBytes { break }
      result.append(detail)
      bytes += detail.ref.key.utf8.count + 16 + detail.share.certain.count * 48
    }
    return result
  }
}
