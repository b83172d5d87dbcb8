import ReplicationCore
import X509

/// The exact shape of each kind of certificate that this system issues and accepts.
struct CertificateProfile {
  let name: IdentityName
  private let extensions: () throws -> Certificate.Extensions

  /// An authority, with at most `maximumDepth` authorities below it.
  static func authority(_ name: IdentityName, maximumDepth: Int) -> CertificateProfile {
    CertificateProfile(name: name) {
      try Certificate.Extensions {
        Critical(BasicConstraints.isCertificateAuthority(maxPathLength: maximumDepth))
        Critical(KeyUsage(keyCertSign: true, cRLSign: true))
        SubjectAlternativeNames([.uniformResourceIdentifier(name.uri)])
      }
    }
  }

  /// Either end of a link: the same certificate dials the parent and answers the children.
  static func tls(_ name: IdentityName) -> CertificateProfile {
    CertificateProfile(name: name) {
      try Certificate.Extensions {
        Critical(BasicConstraints.notCertificateAuthority)
        Critical(KeyUsage(digitalSignature: true))
        try ExtendedKeyUsage([.serverAuth, .clientAuth])
        SubjectAlternativeNames([.uniformResourceIdentifier(name.uri)])
      }
    }
  }

  /// A key that signs a feed or a document. It has no extended usage, so no TLS stack takes it.
  static func signing(_ name: IdentityName) -> CertificateProfile {
    CertificateProfile(name: name) {
      try Certificate.Extensions {
        Critical(BasicConstraints.notCertificateAuthority)
        Critical(KeyUsage(digitalSignature: true))
        SubjectAlternativeNames([.uniformResourceIdentifier(name.uri)])
      }
    }
  }

  /// Makes and signs one certificate with a random serial number. `issuer` nil signs it by itself.
  func issue(
    publicKey: Certificate.PublicKey, validity: ValidityPeriod, issuer: Certificate?,
    signedBy key: Certificate.PrivateKey
  ) throws(IdentityError) -> Certificate {
    do {
      let serial = Certificate.SerialNumber()
      let subject = try DistinguishedName {
        OrganizationName("Huijia")
        CommonName(name.description)
        // Two authorities of one name, an old and a new one, must not be taken for each other.
        if case .authority = name { CommonName(String(serial.description.prefix(23))) }
      }
      var extensions = try self.extensions()
      try extensions.append(
        Certificate.Extension(SubjectKeyIdentifier(hash: publicKey), critical: false))
      if let issuer {
        let identifier = AuthorityKeyIdentifier(
          keyIdentifier: try issuer.extensions.subjectKeyIdentifier?.keyIdentifier)
        try extensions.append(Certificate.Extension(identifier, critical: false))
      }
      return try Certificate(
        version: .v3, serialNumber: serial, publicKey: publicKey,
        notValidBefore: validity.start, notValidAfter: validity.end,
        issuer: issuer?.subject ?? subject, subject: subject, extensions: extensions,
        issuerPrivateKey: key)
    } catch {
      throw .malformed("the certificate of \(name) cannot be made: \(error)")
    }
  }
}
