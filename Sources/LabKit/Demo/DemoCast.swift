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
  /// A village of another county, its town and its county; nil in a tree with one county.
  package let elsewhere: Elsewhere?

  /// A line of another county, from its village up.
  package struct Elsewhere: Sendable {
    package let village: LabPlan.Node
    package let town: LabPlan.Node
    package let county: LabPlan.Node
  }

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
      elsewhere = Self.line(in: plan, outside: county)
      return
    }
    return nil
  }

  /// The first line under the same parent that leads to a village in another county.
  private static func line(in plan: LabPlan, outside county: LabPlan.Node) -> Elsewhere? {
    for village in plan.nodes where village.tier == .village {
      guard let town = plan.nodes.first(where: { $0.node == village.parent && $0.tier == .town }),
        let other = plan.nodes.first(where: { $0.node == town.parent && $0.tier == .county }),
        other.node != county.node, other.parent == county.parent
      else { continue }
      return Elsewhere(village: village, town: town, county: other)
    }
    return nil
  }

  /// The node that both counties hang from.
  package var common: LabPlan.Node { city ?? region }

  /// From the town up to the region: whom the village's record passes.
  package var above: [LabPlan.Node] { [town, county] + (city.map { [$0] } ?? []) + [region] }
}
