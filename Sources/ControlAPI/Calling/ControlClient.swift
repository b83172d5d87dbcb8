import FoundationEssentials
import GRPCCore
import GRPCNIOTransportCore
import GRPCNIOTransportHTTP2Posix
import Glibc
import NIOCore
import WireProtocol

/// The caller's end of the control socket.
package struct ControlClient: Sendable {
  private let path: String

  /// Names the daemon's socket; nothing is opened before a call.
  package init(socketPath: String) { path = socketPath }

  /// Runs a command and hands each document of the answer to `document`, until the daemon ends it or the task is
  /// cancelled. `arguments` is one JSON object in UTF-8, or empty.
  ///
  /// Throws `ControlFailure`: the daemon's own, with exit status 3 that no daemon answers, with 2 that the arguments are
  /// too large for one; and what `document` throws.
  package func call(
    verb: String, arguments: [UInt8] = [], language: String = "en",
    document: @escaping @Sendable ([UInt8]) async throws -> Void
  ) async throws {
    try ControlSocket.check(path)
    guard verb.utf8.count + arguments.count <= ControlLimits.argumentBytes else {
      throw ControlFailure(
        exitStatus: 2, code: "request-too-large",
        message: "the arguments of \(verb) have \(arguments.count) bytes, a daemon takes "
          + "\(ControlLimits.argumentBytes)",
        hint: "do it in smaller parts")
    }
    var message = Huijia_V1_CallRequest()
    message.verb = verb
    message.argumentsJson = Data(arguments)
    message.language = language
    let request = ClientRequest(message: message)
    var options = CallOptions.defaults
    options.waitForReady = false
    options.maxResponseMessageBytes = ControlLimits.documentBytes
    let callOptions = options
    do {
      let transport = try HTTP2ClientTransport.Posix(
        target: .unixDomainSocket(path: path), transportSecurity: .plaintext)
      try await withGRPCClient(transport: transport) { client in
        try await Huijia_V1_Control.Client(wrapping: client).call(
          request: request, options: callOptions
        ) { response in
          for try await reply in response.messages {
            switch reply.reply {
            case .json(let json)?: try await document([UInt8](json))
            case .failure(let failure)?: throw ControlFailure(failure)
            case nil: break
            }
          }
        }
      }
    } catch let error as RPCError {
      throw unreachable(error)
    } catch let error as RuntimeError {
      throw unreachable(error.cause ?? error)
    }
  }

  /// Runs a command that answers with one document.
  package func document(
    verb: String, arguments: [UInt8] = [], language: String = "en"
  ) async throws -> [UInt8] {
    let (documents, found) = AsyncStream.makeStream(of: [UInt8].self)
    try await call(verb: verb, arguments: arguments, language: language) { found.yield($0) }
    found.finish()
    for await document in documents { return document }
    throw ControlFailure(
      exitStatus: 3, code: "no-answer", message: "the daemon at \(path) gave no answer to \(verb)",
      hint: "see the daemon's log")
  }

  private func unreachable(_ error: any Error) -> ControlFailure {
    let failed = error as? RPCError
    let found =
      switch failed?.cause {
      case let cause as IOError: strerror(cause.errnoCode).map { String(cString: $0) }
      case let cause?: "\(cause)"
      case nil: failed?.message
      }
    let reason = found ?? "\(error)"
    return ControlFailure(
      exitStatus: 3, code: "daemon-unreachable",
      message: "no daemon answers at \(path) (\(reason))",
      hint: "start huijiad, or name its socket with --control", reason: reason)
  }
}

extension ControlFailure {
  init(_ failure: Huijia_V1_Failure) {
    self.init(
      exitStatus: failure.exitStatus, code: failure.code, message: failure.message,
      hint: failure.hint)
  }
}
