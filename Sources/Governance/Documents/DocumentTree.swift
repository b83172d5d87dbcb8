/// A document's content with the place of every part: all that catalog and scopes ask of YAML.
indirect enum DocumentTree: Sendable {
  /// A text; nil for an absent value (`key:` with nothing behind it).
  case scalar(String?, Place)
  case list([DocumentTree], Place)
  /// Keys are unique.
  case map([Entry], Place)

  /// One key of a map.
  struct Entry: Sendable {
    let key: String
    let place: Place
    let value: DocumentTree
  }

  /// Where it begins.
  var place: Place {
    switch self {
    case .scalar(_, let place), .list(_, let place), .map(_, let place): place
    }
  }

  /// What it is, for messages.
  var kind: String {
    switch self {
    case .scalar(nil, _): "nothing"
    case .scalar: "a text"
    case .list: "a list"
    case .map: "a map"
    }
  }
}
