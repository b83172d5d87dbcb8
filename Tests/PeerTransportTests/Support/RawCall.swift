import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import NIOSSL
import NodeIdentity

/// A peer with a good certificate that speaks HTTP/2 by hand: any headers, any bytes.
struct RawCall: Sendable {
  /// What the other end said before it ended the stream.
  struct Answer: Sendable {
    /// Headers and trailers by name.
    var fields: [String: String] = [:]
    /// The stream was reset, or the connection closed, without trailers.
    var isBroken = false
  }

  let port: Int
  let identity: IssuedIdentity

  /// Opens a stream with `fields` beside what gRPC needs, sends `body` and reads to the end.
  ///
  /// `isEager`: does not wait until the other end has taken the call.
  func send(
    _ fields: [(String, String)] = [], body: [UInt8], isEager: Bool = false
  ) async throws -> Answer {
    let multiplexer = try await connect()
    let stream = try await multiplexer.openStream { channel in
      channel.eventLoop.makeCompletedFuture {
        try NIOAsyncChannel<HTTP2Frame.FramePayload, HTTP2Frame.FramePayload>(
          wrappingChannelSynchronously: channel)
      }
    }
    var headers: HPACKHeaders = [
      ":method": "POST", ":scheme": "https", ":path": "/huijia.v1.PeerLink/Exchange",
      ":authority": "parent", "content-type": "application/grpc", "te": "trailers",
    ]
    for (name, value) in fields { headers.replaceOrAdd(name: name, value: value) }
    var answer = Answer()
    do {
      try await stream.executeThenClose { inbound, outbound in
        try await outbound.write(.headers(.init(headers: headers)))
        let data = HTTP2Frame.FramePayload.data(
          .init(data: .byteBuffer(ByteBuffer(bytes: body))))
        // A call that was refused by its headers takes nothing more: the answer says so.
        if isEager { try? await outbound.write(data) }
        var isFirst = true
        for try await frame in inbound {
          guard case .headers(let part) = frame else { continue }
          for field in part.headers { answer.fields[field.name] = field.value }
          if part.endStream { return }
          if isFirst, !isEager { try await outbound.write(data) }
          isFirst = false
        }
        answer.isBroken = answer.fields["grpc-status"] == nil
      }
    } catch {
      answer.isBroken = answer.fields["grpc-status"] == nil
    }
    return answer
  }

  private func connect() async throws
    -> NIOHTTP2Handler.AsyncStreamMultiplexer<Void>
  {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(identity.chainPEM.utf8))
      .map { .certificate($0) }
    tls.privateKey = .privateKey(
      try NIOSSLPrivateKey(bytes: Array(identity.keyPEM.utf8), format: .pem))
    tls.certificateVerification = .none
    tls.applicationProtocols = ["h2"]
    let context = try NIOSSLContext(configuration: tls)
    return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            NIOSSLClientHandler(context: context, serverHostname: nil))
          return try channel.pipeline.syncOperations.configureAsyncHTTP2Pipeline(mode: .client) {
            $0.eventLoop.makeSucceededVoidFuture()
          }
        }
      }
  }
}

/// Messages as gRPC frames them: a flag, a length, the bytes.
enum RawMessage {
  static func framed(_ bytes: [UInt8], isCompressed: Bool = false, claiming length: UInt32? = nil)
    -> [UInt8]
  {
    let count = length ?? UInt32(bytes.count)
    let prefix = stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: count >> $0) }
    return [isCompressed ? 1 : 0] + prefix + bytes
  }

  private static let matches = 150_000

  /// What the bomb would inflate to, in bytes.
  static var inflatedBytes: Int { 1 + matches * 258 }

  /// A gzip member just under the largest frame that would inflate to 37 MiB of zeros: one literal, then the longest match, over and over (RFC 1951, 3.2.6).
  static var bomb: [UInt8] {
    var bits = BitWriter(bytes: [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3])
    bits.put(0b101, 3, reversed: false)
    bits.put(0b0011_0000, 8)
    for _ in 0..<matches {
      bits.put(0b1100_0101, 8)
      bits.put(0, 5)
    }
    bits.put(0, 7)
    bits.align()
    return bits.bytes + [UInt8](repeating: 0, count: 8)
  }

  /// Bits from the least significant on; Huffman codes begin with their most significant.
  private struct BitWriter {
    var bytes: [UInt8]
    private var held: UInt8 = 0
    private var count = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func put(_ value: Int, _ width: Int, reversed: Bool = true) {
      for step in 0..<width {
        let bit = value >> (reversed ? width - 1 - step : step) & 1
        held |= UInt8(bit) << UInt8(count)
        count += 1
        if count == 8 { align() }
      }
    }

    mutating func align() {
      guard count > 0 else { return }
      bytes.append(held)
      held = 0
      count = 0
    }
  }
}
