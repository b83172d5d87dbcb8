import DaemonKit
import Governance
import ReplicationCore

/// The nodes that play a part in the story: a line from a village to the region, and the county's department.
package struct DemoCast: Sendable {
  package let village: LabPlan.Node
  package let town: LabPlan.Node
  package let county: LabPlan.Node
  package let department: LabPlan.Node
  /// Nil in a tree without cities.
  package let city: LabPlan.Node?
  package let region: LabPlan.Node

  /// Chooses the line below the last county that has a department and a village; nil when there is none.
  package init?(_ plan: LabPlan) {
    func children(of node: LabPlan.Node, _ tier: Tier) -> [LabPlan.Node] {
      plan.nodes.filter { $0.parent == node.node && $0.tier == tier }
    }
    guard let region = plan.nodes.first(where: { $0.tier == .region }) else { return nil }
    self.region = region
    for county in plan.nodes.reversed() where county.tier == .county {
      guard let department = children(of: county, .department).first,
        let town = children(of: county, .town).first(where: { !children(of: $0, .village).isEmpty }
        ),
        let village = children(of: town, .village).first
      else { continue }
      (self.county, self.department, self.town, self.village) = (county, department, town, village)
      city = plan.nodes.first { $0.node == county.parent && $0.tier == .city }
      return
    }
    return nil
  }

  /// From the town up to the region: whom the village's record passes.
  package var above: [LabPlan.Node] { [town, county] + (city.map { [$0] } ?? []) + [region] }
}
