import ControlAPI
import Glibc
import Synchronization
import Testing

/// Answers with what it was asked; `fail` fails, `watch` never ends by itself.
private struct Echo: ControlHandler {
  func handle(
    verb: String, arguments: [UInt8], language: String, actor: ControlActor?
  ) -> AsyncThrowingStream<[UInt8], any Error> {
    AsyncThrowingStream { documents in
      switch verb {
      case "fail":
        documents.finish(
          throwing: ControlFailure(
            exitStatus: 4, code: "policy", message: "不可以", hint: "ask the county"))
      case "crash":
        struct Mishap: Error {}
        documents.finish(throwing: Mishap())
      case "watch":
        let task = Task {
          var number: UInt8 = 0
          while !Task.isCancelled {
            documents.yield([number])
            number &+= 1
            try? await Task.sleep(for: .milliseconds(5))
          }
        }
        documents.onTermination = { _ in task.cancel() }
      default:
        documents.yield(Array("\(verb) \(language) \(actor?.user ?? 9_999_999) ".utf8) + arguments)
        documents.finish()
      }
    }
  }
}

@Suite("The control socket", .serialized) struct ControlSocketTests {
  let path = "/tmp/huijia-control-\(UInt32.random(in: 0...UInt32.max)).sock"

  func serving(_ body: @escaping @Sendable (ControlClient) async throws -> Void) async throws {
    let server = try ControlServer(socketPath: path, handler: Echo())
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      try await body(ControlClient(socketPath: path))
      group.cancelAll()
    }
  }

  @Test func `a command is answered, and the kernel says who called`() async throws {
    try await serving { client in
      let answer = try await client.document(
        verb: "status", arguments: Array("{}".utf8), language: "zh")
      #expect(String(validating: answer, as: UTF8.self) == "status zh \(getuid()) {}")
    }
  }

  @Test func `a failure arrives whole`() async throws {
    try await serving { client in
      await #expect(
        throws: ControlFailure(
          exitStatus: 4, code: "policy", message: "不可以", hint: "ask the county")
      ) { _ = try await client.document(verb: "fail") }
      let crash = await #expect(throws: ControlFailure.self) {
        _ = try await client.document(verb: "crash")
      }
      #expect(crash?.code == "internal" && crash?.exitStatus == 1)
    }
  }

  @Test func `a watching command goes on until the caller leaves`() async throws {
    struct Enough: Error {}
    try await serving { client in
      let seen = Mutex(0)
      await #expect(throws: Enough.self) {
        try await client.call(verb: "watch") { _ in
          let count = seen.withLock { value in
            value += 1
            return value
          }
          if count == 20 { throw Enough() }
        }
      }
    }
  }

  @Test func `nobody else may open the socket, and it is gone afterwards`() async throws {
    let path = self.path
    try await serving { client in
      _ = try await client.document(verb: "status")
      var status = stat()
      let found = stat(path, &status)
      let mode = status.st_mode
      #expect(found == 0 && mode & 0o777 == 0o600)
    }
    #expect(access(path, F_OK) != 0)
  }

  @Test func `a socket that nobody serves is replaced, one that is served is not`() async throws {
    let path = self.path
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    close(descriptor)
    #expect(bound == 0)
    try await serving { client in
      _ = try await client.document(verb: "status")
      let busy = #expect(throws: ControlFailure.self) {
        _ = try ControlServer(socketPath: path, handler: Echo())
      }
      #expect(busy?.code == "socket-busy" && busy?.exitStatus == 3)
      _ = try await client.document(verb: "status")
    }
  }

  @Test func `a path too long says how long it may be`() {
    let long = "/tmp/" + String(repeating: "长", count: 40)
    let failure = #expect(throws: ControlFailure.self) {
      _ = try ControlServer(socketPath: long, handler: Echo())
    }
    #expect(failure?.exitStatus == 2)
    #expect(failure?.message.contains("125 bytes, allowed are 1 to 107") == true)
  }

  @Test func `no daemon is exit status 3 with advice`() async throws {
    let failure = await #expect(throws: ControlFailure.self) {
      _ = try await ControlClient(socketPath: "/tmp/huijia-nobody.sock").document(verb: "status")
    }
    print("no daemon:", failure.map { "\($0)" } ?? "nothing")
    #expect(failure?.exitStatus == 3)
    #expect(failure?.message.contains("/tmp/huijia-nobody.sock") == true)
    #expect(failure?.reason == "No such file or directory")
  }
}
