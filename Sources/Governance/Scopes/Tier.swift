package import ReplicationCore

/// A level of the administrative tree at which nodes stand.
package enum Tier: String, Sendable, CaseIterable {
  case region, city, county, town, village
  /// A department or grid: a node with a slug, below the tier node that it serves.
  case department

  /// The tier of a node.
  package init(of node: NodeID) {
    guard node.slug.isEmpty else {
      self = .department
      return
    }
    self = Tier(level: node.code.level)
  }

  /// The tier of a division's own node.
  package init(level: DivisionLevel) {
    switch level {
    case .region: self = .region
    case .city: self = .city
    case .county: self = .county
    case .town: self = .town
    case .village: self = .village
    }
  }

  /// The level of division codes; nil for a department, which may stand at any.
  package var level: DivisionLevel? {
    switch self {
    case .region: .region
    case .city: .city
    case .county: .county
    case .town: .town
    case .village: .village
    case .department: nil
    }
  }
}
