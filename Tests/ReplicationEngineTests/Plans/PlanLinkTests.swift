import ReplicationCore
import ReplicationEngine
import Testing

@Suite("Plans on a link")
struct PlanLinkTests {
  private func report(_ node: NodeID, _ content: PlanReport.Content) -> PlanFrame {
    .report(PlanReport(number: 1, node: node, content))
  }

  private func isTaken(_ frame: PlanFrame, _ machine: LinkMachine) -> Bool {
    (try? machine.received(frame)) == true
  }

  @Test("A child may report of itself and of what is below it, and may ask nothing")
  func place() throws {
    let machine = try LinkMachineTests.live(hello: LinkMachineTests.hello(versions: 1...3))
    #expect(machine.mayPlan)
    #expect(try !LinkMachineTests.live().mayPlan, "an older peer is asked nothing")
    let (town, village) = (try Place.town, try Place.village)
    let office = try Place.node("\(village.code)/office")
    let other = try Place.node("450103001999")
    #expect(isTaken(report(village, .done(looked: 3)), machine))
    #expect(isTaken(report(office, .done(looked: 3)), machine))
    #expect(!isTaken(report(other, .done(looked: 3)), machine))
    #expect(!isTaken(report(town, .done(looked: 3)), machine))
    #expect(isTaken(report(village, .roster([.init(office, .asked, heardAt: 0)])), machine))
    #expect(!isTaken(report(village, .roster([.init(other, .asked, heardAt: 0)])), machine))
    func figures(_ sender: NodeID, _ receiver: NodeID) -> PlanReport.Content {
      let flow = PlanFlow(sender: sender, receiver: receiver, ledger: LedgerID(1), homes: [])
      return .figures([.init(flow, PlanTally())])
    }
    #expect(isTaken(report(village, figures(village, town)), machine))
    #expect(isTaken(report(village, figures(village, village)), machine))
    #expect(!isTaken(report(village, figures(town, other)), machine))
    #expect(!isTaken(report(village, figures(village, other)), machine))
    let part = PlanQuestionPart(
      number: 1, policyEpoch: 1, catalogEpoch: 1, total: 1, offset: 0, bytes: [1])
    #expect(!isTaken(.question(part), machine))
  }

  @Test("Who is lost takes along all below it that were still asked; counts of one link add up")
  func board() throws {
    let (county, town, village) = (
      try Place.node("450103000000"), try Place.town, try Place.village
    )
    var board = PlanBoard(number: 1, asker: county)
    func take(_ node: NodeID, _ content: PlanReport.Content) {
      board.take(PlanReport(number: 1, node: node, content))
    }
    take(county, .roster([.init(town, .asked, heardAt: 5)]))
    take(county, .done(looked: 10))
    take(town, .roster([.init(village, .asked, heardAt: 5)]))
    #expect(!board.isComplete)
    let flow = PlanFlow(sender: town, receiver: county, ledger: LedgerID(1), homes: [])
    var tally = PlanTally()
    tally.gained = 2
    take(town, .figures([.init(flow, tally), .init(flow, tally)]))
    #expect(board.flows[flow]?.gained == 4)
    take(county, .roster([.init(town, .unreachable, heardAt: 9)]))
    #expect(board.isComplete && board.answered == 1 && board.looked == 10)
    #expect(board.nodes[town] == .unreachable(heardAt: 9))
    #expect(board.nodes[village] == .unreachable(heardAt: 0))
  }
}
