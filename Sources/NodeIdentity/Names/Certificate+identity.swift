import SwiftASN1
package import X509

extension Certificate {
  /// The one Huijia name of a certificate. Throws when it has none, several, or names of other kinds beside it:
  /// an extra name could be read by some other program as the identity.
  package func identityName() throws(IdentityError) -> IdentityName {
    let names: SubjectAlternativeNames?
    do {
      names = try extensions.subjectAlternativeNames
    } catch {
      throw .malformed("the subject alternative name cannot be read")
    }
    guard let names, names.count == 1, case .uniformResourceIdentifier(let uri)? = names.first
    else {
      throw .malformed("a certificate of ours has exactly one name, a huijia:// URI")
    }
    guard let name = IdentityName(uri: uri) else {
      throw .malformed("the name \(uri.prefix(80)) is of no form that is known here")
    }
    return name
  }

  /// The exact DER bytes, as chains carry them.
  package func encoded() throws(IdentityError) -> [UInt8] {
    var serializer = DER.Serializer()
    do {
      try serializer.serialize(self)
    } catch {
      throw .malformed("the certificate cannot be encoded")
    }
    return serializer.serializedBytes
  }
}
