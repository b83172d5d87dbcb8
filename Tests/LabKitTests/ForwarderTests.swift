import DaemonKit
import Foundation
import Glibc
import LabKit
import Testing

@Suite("The forwarder on a link", .serialized)
struct ForwarderTests {
  @Test("Passes bytes both ways, and much of them")
  func passes() async throws {
    try await withLink { link, _ in
      let (child, parent) = try link.connect()
      #expect(child.send("up"))
      #expect(parent.receive(2) == "up")
      #expect(parent.send("down"))
      #expect(child.receive(4) == "down")
      // More than all buffers on the way: the forwarder must wait for the reader, not lose bytes.
      let much = String(repeating: "0123456789", count: 400_000)
      // A thread of its own: the pool's may all be busy waiting for programs.
      Thread.detachNewThread { _ = child.send(much) }
      let received = parent.receive(much.utf8.count)
      #expect(received.utf8.count == much.utf8.count)
      #expect(received == much)
    }
  }

  @Test("A cut resets what is open and what comes; healed, new connections pass")
  func resets() async throws {
    try await withLink { link, forwarder in
      let (child, parent) = try link.connect()
      #expect(child.send("a"))
      #expect(parent.receive(1) == "a")
      #expect(forwarder.set(.reset, of: "link"))
      #expect(child.failure() == ECONNRESET)
      #expect(parent.failure() == ECONNRESET)
      let late = try link.dial()
      #expect(late.failure() == ECONNRESET)
      #expect(forwarder.set(.open, of: "link"))
      let (again, above) = try link.connect()
      #expect(again.send("b"))
      #expect(above.receive(1) == "b")
    }
  }

  @Test("A silent cut keeps connections and passes nothing; healed, what was sent arrives")
  func silence() async throws {
    try await withLink { link, forwarder in
      let (child, parent) = try link.connect()
      #expect(child.send("1"))
      #expect(parent.receive(1) == "1")
      #expect(forwarder.set(.silent, of: "link"))
      // One read may have been under way when the link fell silent.
      try await Task.sleep(for: .milliseconds(50))
      #expect(child.send("2"))
      #expect(parent.receive(1, milliseconds: 300) != "2")
      let late = try link.dial()
      #expect(late.send("3"))
      #expect(late.failure(milliseconds: 200) == EAGAIN)
      #expect(forwarder.set(.open, of: "link"))
      #expect(parent.receive(1) == "2")
      let above = try link.accept()
      #expect(above.receive(1) == "3")
      #expect(!forwarder.set(.open, of: "no such link"))
    }
  }

  @Test("With nobody listening at the parent the child is refused")
  func nobody() async throws {
    try await withLink { link, _ in
      link.closeListener()
      let child = try link.dial()
      #expect(child.failure() == ECONNRESET)
    }
  }

  private func withLink(
    _ body: (TestLink, Forwarder) async throws -> Void
  ) async throws {
    let scratch = try Scratch()
    let link = try TestLink()
    let forwarder = Forwarder([
      ForwardedLink(name: "link", listen: link.forwardPort, target: link.targetPort)
    ])
    try await forwarder.start(control: scratch.path("control.sock"))
    do {
      try await body(link, forwarder)
    } catch {
      await forwarder.stop()
      throw error
    }
    await forwarder.stop()
  }
}
