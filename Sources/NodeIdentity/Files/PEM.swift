import SwiftASN1
import X509

/// Certificates and keys as PEM text.
enum PEM {
  /// One certificate, with a line end behind it.
  static func text(of certificate: Certificate) throws(IdentityError) -> String {
    do {
      return try certificate.serializeAsPEM().pemString + "\n"
    } catch {
      throw .malformed("the certificate cannot be written as PEM")
    }
  }

  /// One private key (PKCS 8), with a line end behind it.
  static func text(of key: Certificate.PrivateKey) throws(IdentityError) -> String {
    do {
      return try key.serializeAsPEM().pemString + "\n"
    } catch {
      throw .malformed("the key cannot be written as PEM")
    }
  }

  /// All certificates of a file, in its order. Throws `file` when it cannot be read, `malformed` when one is broken.
  static func certificates(inFile path: String) throws(IdentityError) -> [Certificate] {
    let text = try PrivateFile.read(path)
    do {
      return try PEMDocument.parseMultiple(pemString: text).map { try Certificate(pemDocument: $0) }
    } catch {
      throw .malformed("\(path) is not a PEM file of certificates")
    }
  }

  /// The private key of a file.
  static func key(inFile path: String) throws(IdentityError) -> Certificate.PrivateKey {
    let text = try PrivateFile.read(path)
    do {
      return try Certificate.PrivateKey(pemEncoded: text)
    } catch {
      // The parser's own words could quote key material.
      throw .malformed("\(path) is not a PEM file of a private key")
    }
  }
}
