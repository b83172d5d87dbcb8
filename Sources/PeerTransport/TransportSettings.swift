import GRPCNIOTransportCore
import PeerLink

/// How both ends of a link carry frames. The defaults were measured; see each for what a change costs.
package struct TransportSettings: Sendable, Hashable {
  /// HTTP/2 flow-control window of a stream, in bytes.
  ///
  /// From 512 KiB on, a connection that has once carried bulk keeps large read buffers, and every later small message
  /// waits tens of milliseconds. Links live for weeks and carry bulk first.
  package var windowBytes = 256 * 1024
  /// HTTP/2 frame size, in bytes, for the same reason as the window.
  package var http2FrameBytes = 16 * 1024
  /// How long a connection may be silent before this end asks whether the other is still there.
  package var pingInterval: Duration = .seconds(4)
  /// How long an answer to that may take before the connection is given up. A silent cut is noticed after the two
  /// together.
  package var pingTimeout: Duration = .seconds(4)
  /// How long opening a channel may take: TCP, TLS and the parent's first answer.
  package var openTimeout: Duration = .seconds(10)
  /// How long an ended channel waits for the other end to end too, before it is cut.
  package var closeTimeout: Duration = .seconds(2)

  /// The largest frame that this end sends or takes, in bytes. Both ends of a link must agree.
  package var maximumFrameBytes = PeerLinkLimits.frameBytes

  /// The measured defaults.
  package init() {}

  /// The largest gRPC message that is read: a full frame and its protobuf frame around it.
  var messageBytes: Int { maximumFrameBytes + 16 }

  var server: HTTP2ServerTransport.Config.HTTP2 {
    HTTP2ServerTransport.Config.HTTP2(
      maxFrameSize: http2FrameBytes, targetWindowSize: windowBytes,
      // A child needs one stream; a second may overlap while the first is being given up.
      maxConcurrentStreams: 4)
  }

  var serverKeepalive: HTTP2ServerTransport.Config.Keepalive {
    HTTP2ServerTransport.Config.Keepalive(
      time: pingInterval, timeout: pingTimeout,
      clientBehavior: HTTP2ServerTransport.Config.ClientKeepaliveBehavior(
        minPingIntervalWithoutCalls: .milliseconds(10), allowWithoutCalls: true))
  }

  var client: HTTP2ClientTransport.Config.HTTP2 {
    HTTP2ClientTransport.Config.HTTP2(
      maxFrameSize: http2FrameBytes, targetWindowSize: windowBytes, authority: nil)
  }

  var clientKeepalive: HTTP2ClientTransport.Config.Keepalive {
    HTTP2ClientTransport.Config.Keepalive(
      time: pingInterval, timeout: pingTimeout, allowWithoutCalls: true)
  }
}
