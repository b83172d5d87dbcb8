import GRPCNIOTransportHTTP2Posix
import NIOCertificateReloading
import NIOCore
import NIOSSL
import NodeIdentity
import Synchronization

extension LinkCertificate {
  var chainSources: [TLSConfig.CertificateSource] { chain.map { .bytes($0, format: .der) } }
  var keySource: TLSConfig.PrivateKeySource { .bytes(keyDER, format: .der) }
}

/// Shows each new connection the certificate that is current then.
struct CredentialReloader: CertificateReloader {
  let credentials: TransportCredentials

  /// Part of `CertificateReloader`: what replaces the configuration of the start. Empty, and so without effect, when
  /// the TLS library refuses what our own check took.
  var sslContextConfigurationOverride: NIOSSLContextConfigurationOverride {
    var override = NIOSSLContextConfigurationOverride()
    let certificate = credentials.certificate
    guard
      let chain = try? certificate.chain.map({
        NIOSSLCertificateSource.certificate(try NIOSSLCertificate(bytes: $0, format: .der))
      }),
      let key = try? NIOSSLPrivateKey(bytes: certificate.keyDER, format: .der)
    else { return override }
    override.certificateChain = chain
    override.privateKey = .privateKey(key)
    return override
  }
}

/// The check of the other end's certificate, in place of the TLS library's own.
///
/// It knows only names of ours and a time that a dead clock battery does not spoil.
struct PeerCheck: Sendable {
  let verifier: IdentityVerifier
  /// The time to judge by, microseconds since 1970, UTC.
  let time: @Sendable () -> Int64
  /// The only node that may be there; nil takes any of the region.
  let expected: NodeIdentityExpectation
  /// Told of each refusal, since TLS itself hands on no more than an alert.
  let refused: @Sendable (RefusedCertificate) -> Void
  /// Told when the other end's certificate is good.
  var accepted: @Sendable () -> Void = {}

  /// Answers a handshake's question.
  func answer(
    _ certificates: [NIOSSLCertificate],
    _ promise: EventLoopPromise<NIOSSLVerificationResultWithMetadata>
  ) {
    let chain = certificates.compactMap { try? $0.toDERBytes() }
    do {
      let identity = try verifier.verify(chain, for: .link, at: time())
      try expected.check(identity)
      let path = try identity.path.map { try NIOSSLCertificate(bytes: $0, format: .der) }
      accepted()
      promise.succeed(
        .certificateVerified(VerificationMetadata(NIOSSL.ValidatedCertificateChain(path))))
    } catch let error as IdentityError {
      refuse(chain, error)
      promise.succeed(.failed)
    } catch {
      refuse(chain, .malformed("the certificate of the other end cannot be read"))
      promise.succeed(.failed)
    }
  }

  private func refuse(_ chain: [[UInt8]], _ reason: IdentityError) {
    refused(
      RefusedCertificate(claimed: IdentityVerifier.claimedName(of: chain), reason: reason))
  }
}
