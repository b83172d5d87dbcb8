import ControlAPI
import FuzzKit
import GRPCCore
import Glibc
import Testing

/// Answers with the verb, or refuses it: the daemon's answers are fuzzed where it makes them.
private struct Verbs: ControlHandler {
  func handle(
    verb: String, arguments: [UInt8], language: String, actor: ControlActor?
  ) -> AsyncThrowingStream<[UInt8], any Error> {
    AsyncThrowingStream { documents in
      guard actor?.user == getuid() else {
        documents.finish(
          throwing: ControlFailure(exitStatus: 4, code: "actor", message: "whoever it is"))
        return
      }
      documents.yield(Array("\(verb) \(language)".utf8) + arguments)
      documents.finish()
    }
  }
}

@Suite("Hostile requests at the control socket", .serialized) struct ControlFuzzTests {
  let path = "/tmp/huijia-control-\(UInt32.random(in: 0...UInt32.max)).sock"

  /// Runs `body` with raw calls of a server, which must answer an ordinary one afterwards.
  private func serving(
    _ body:
      @escaping @Sendable (@escaping @Sendable ([UInt8]) async -> RawCaller.Outcome)
      async throws -> Void
  ) async throws {
    let server = try ControlServer(socketPath: path, handler: Verbs())
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      try await RawCaller(path: path).run(body)
      let answer = try await ControlClient(socketPath: path).document(verb: "status")
      #expect(answer == Array("status en".utf8))
      group.cancelAll()
    }
  }

  /// A field of a protobuf message that holds bytes.
  private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    var out = [number << 3 | 2]
    var count = bytes.count
    while count >= 0x80 {
      out.append(UInt8(count & 0x7F) | 0x80)
      count >>= 7
    }
    return out + [UInt8(count)] + bytes
  }

  private static func request(_ verb: String, _ arguments: String) -> [UInt8] {
    field(1, Array(verb.utf8)) + field(2, Array(arguments.utf8)) + field(3, Array("zh".utf8))
  }

  @Test func `no bytes of a request end the service`() async throws {
    let samples = [
      ("status", Self.request("status", "")),
      ("resolve", Self.request("conflict.resolve", #"{"id":"c-1","take":1}"#)),
      ("empty", []), ("unknown-field", Self.request("links", "{}") + Self.field(9, [1, 2, 3])),
      ("group", [0x0B, 0x0C]), ("nested", [UInt8](repeating: 0x0B, count: 400)),
    ]
    try await serving { call in
      try await Fuzzer("requests", samples: samples).drive { bytes, _ in
        switch await call(bytes) {
        case .answered(let answers):
          #expect(answers.count == 1)
          return .accepted
        case .refused(let code):
          #expect([.internalError, .invalidArgument, .unknown].contains(code), "\(code)")
          return .refused
        }
      }
    }
  }

  @Test func `a request above the limit is refused, and the next one answered`() async throws {
    try await serving { call in
      let most = Self.request("status", String(repeating: " ", count: ControlLimits.requestBytes))
      for bytes in [most, [UInt8](repeating: 0, count: 64 << 20)] {
        let outcome = await call(bytes)
        guard case .refused = outcome else {
          Issue.record("\(bytes.count) bytes were taken")
          return
        }
      }
      let below = Self.request(
        "status", String(repeating: " ", count: ControlLimits.requestBytes - 100))
      guard case .answered = await call(below) else {
        Issue.record("a large request below the limit was refused")
        return
      }
    }
  }

  @Test func `a tool is told that its arguments are too large, and not that nobody answers`()
    async throws
  {
    try await serving { _ in
      let failure = await #expect(throws: ControlFailure.self) {
        _ = try await ControlClient(socketPath: path).document(
          verb: "handover.import",
          arguments: [UInt8](repeating: 0x20, count: ControlLimits.argumentBytes + 1))
      }
      #expect(failure?.code == "request-too-large" && failure?.exitStatus == 2)
      let most = [UInt8](repeating: 0x20, count: ControlLimits.argumentBytes - 6)
      let answer = try await ControlClient(socketPath: path).document(
        verb: "status", arguments: most)
      #expect(answer.count == most.count + 9)
    }
  }
}
