import DaemonKit
import Glibc
import Testing

@Suite("Running other programs")
struct ProgramTests {
  @Test("Much input and much output do not wait for each other")
  func muchOfBoth() throws {
    let input = [UInt8](repeating: UInt8(ascii: "x"), count: 3_000_000)
    let outcome = try Program("/bin/cat").run(input: input)
    #expect(outcome.status == 0)
    #expect(outcome.output == input)
  }

  @Test("A program that ends early is an exit status, not a signal for us")
  func endsEarly() throws {
    let input = [UInt8](repeating: 0, count: 1_000_000)
    #expect(try Program("/bin/sh", ["-c", "exit 7"]).run(input: input).status == 7)
    #expect(try Program("/bin/sh", ["-c", "kill -9 $$"]).run().status == 137)
  }

  @Test("A program that is not there is named")
  func missing() throws {
    let error = try #require(throws: OperatorError.self) { try Program("/no/such").run() }
    #expect(error.message.code == "command-missing")
  }

  @Test("A number that another process has now is not taken for the old one")
  func reused() throws {
    let scratch = try Scratch()
    let own = try #require(ProcessIdentity(of: getpid()))
    try LocalFile.write(own.text, to: scratch.path("pid"))
    #expect(ProcessIdentity(file: scratch.path("pid")) == own)
    try LocalFile.write("\(own.process) \(own.started + 1)\n", to: scratch.path("pid"))
    #expect(ProcessIdentity(file: scratch.path("pid")) == nil)
  }

  @Test("A detached program goes on in a session of its own and is seen to end")
  func detached() throws {
    let scratch = try Scratch()
    let process = try Program("/bin/sleep", ["30"]).startDetached(log: scratch.path("log"))
    let identity = try #require(ProcessIdentity(of: process))
    #expect(getsid(process) == process)
    identity.send(SIGTERM)
    #expect(identity.waitForEnd(seconds: 5))
  }
}
