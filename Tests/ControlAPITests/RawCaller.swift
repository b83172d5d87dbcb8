import GRPCCore
import GRPCNIOTransportHTTP2Posix

/// A caller that sends any bytes for a request, as no tool of ours would.
struct RawCaller: Sendable {
  let path: String

  /// What became of a call: the answers' bytes, or the status that it was refused with.
  enum Outcome: Sendable, Hashable {
    case answered([[UInt8]])
    case refused(RPCError.Code)
  }

  /// Runs `body` with a call of the daemon, over one connection.
  func run(
    _ body:
      @escaping @Sendable (@escaping @Sendable ([UInt8]) async -> Outcome) async throws -> Void
  ) async throws {
    let transport = try HTTP2ClientTransport.Posix(
      target: .unixDomainSocket(path: path), transportSecurity: .plaintext)
    try await withGRPCClient(transport: transport) { client in
      try await body { await call($0, over: client) }
    }
  }

  private func call(
    _ bytes: [UInt8], over client: GRPCClient<HTTP2ClientTransport.Posix>
  ) async -> Outcome {
    let method = MethodDescriptor(fullyQualifiedService: "huijia.v1.Control", method: "Call")
    var options = CallOptions.defaults
    options.timeout = .seconds(20)
    do {
      return try await client.serverStreaming(
        request: ClientRequest(message: bytes), descriptor: method, serializer: Raw(),
        deserializer: Raw(), options: options
      ) { response in
        var answers: [[UInt8]] = []
        for try await answer in response.messages { answers.append(answer) }
        return .answered(answers)
      }
    } catch {
      return .refused((error as? RPCError)?.code ?? .unknown)
    }
  }
}

/// Bytes as they are.
private struct Raw: MessageSerializer, MessageDeserializer {
  func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes { Bytes(message) }

  func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> [UInt8] {
    bytes.withUnsafeBytes { Array($0) }
  }
}
