/// A document's content with the place of every part: all that is asked of YAML, by catalog, scopes, settings and specs.
package indirect enum DocumentTree: Sendable {
  /// A text; nil for an absent value (`key:` with nothing behind it).
  case scalar(String?, Place)
  case list([DocumentTree], Place)
  /// Keys are unique.
  case map([Entry], Place)

  /// One key of a map.
  package struct Entry: Sendable {
    package let key: String
    package let place: Place
    package let value: DocumentTree
  }

  /// Where it begins.
  package var place: Place {
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
