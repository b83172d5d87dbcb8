package import ReplicationCore

extension ByteWriter {
  /// Why a change was made: 0, or 1 with the dots that made it necessary.
  package mutating func cause(_ cause: Change.Cause) {
    switch cause {
    case .write: byte(0)
    case .restore(let dots):
      byte(1)
      varint(UInt64(dots.count))
      for entry in dots { dot(entry) }
    }
  }
}

extension ByteReader {
  /// Why a change was made.
  package mutating func cause() throws(FeedError) -> Change.Cause {
    let at = offset
    switch try byte() {
    case 0: return .write
    case 1:
      var dots: [Dot] = []
      for _ in 0..<(try count(max: FeedLimits.causeDots)) { dots.append(try dot()) }
      return .restore(dots)
    default: throw FeedError(.unsupported, "a cause that this version does not know", offset: at)
    }
  }
}
