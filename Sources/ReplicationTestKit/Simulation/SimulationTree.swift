package import ReplicationCore

/// The eleven nodes of the simulation: a region, two counties, three towns, four villages, a department; with a city twelve.
package struct SimulationTree: Sendable {
  package let nodes: [NodeID]
  package let parents: [NodeID: NodeID]
  package let region: NodeID
  /// Between region and counties; nil: the counties hang below the region.
  package let city: NodeID?
  package let counties: [NodeID]
  package let villages: [NodeID]
  package let department: NodeID

  package init(hasCity: Bool = false) {
    func node(_ text: String) -> NodeID {
      guard let node = NodeID(text) else { preconditionFailure("\(text) is no node") }
      return node
    }
    let region = node("450000000000")
    let city = hasCity ? node("450100000000") : nil
    let first = node("450101000000")
    let second = node("450102000000")
    let towns = [node("450101001000"), node("450101002000"), node("450102001000")]
    let villages = [
      node("450101001001"), node("450101001002"), node("450101002001"), node("450102001001"),
    ]
    let department = node("450101000000/d")
    self.region = region
    self.city = city
    self.villages = villages
    self.department = department
    counties = [first, second]
    nodes =
      [region] + (city.map { [$0] } ?? []) + [first, second] + towns + villages + [department]
    var parents = [
      first: city ?? region, second: city ?? region,
      towns[0]: first, towns[1]: first, towns[2]: second, villages[0]: towns[0],
      villages[1]: towns[0], villages[2]: towns[1], villages[3]: towns[2],
      department: first,
    ]
    if let city { parents[city] = region }
    self.parents = parents
  }

  /// Child and parent of every link.
  package var links: [(child: NodeID, parent: NodeID)] {
    nodes.compactMap { node in parents[node].map { (node, $0) } }
  }
}
