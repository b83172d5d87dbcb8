import FoundationEssentials
import GRPCCore
import WireProtocol

/// Turns calls of the `Control` service into commands for the handler.
struct ControlService: Huijia_V1_Control.ServiceProtocol {
  let handler: any ControlHandler

  /// One command, until its documents end or the caller goes away.
  func call(
    request: ServerRequest<Huijia_V1_CallRequest>, context: ServerContext
  ) async throws -> StreamingServerResponse<Huijia_V1_CallReply> {
    let user = request.metadata[stringValues: CallerStamp.header].first(where: { _ in true })
    let actor = user.flatMap { UInt32($0) }.map { ControlActor(user: $0) }
    let message = request.message
    let documents = handler.handle(
      verb: message.verb, arguments: [UInt8](message.argumentsJson),
      language: message.language, actor: actor)
    return StreamingServerResponse(of: Huijia_V1_CallReply.self) { writer in
      do {
        for try await document in documents {
          var reply = Huijia_V1_CallReply()
          reply.json = Data(document)
          try await writer.write(reply)
        }
      } catch let failure as ControlFailure {
        try await writer.write(Self.reply(failure))
      } catch  where !(error is RPCError || error is CancellationError) {
        let failure = ControlFailure(
          exitStatus: 1, code: "internal", message: "the daemon failed: \(error)",
          hint: "see the daemon's log")
        try await writer.write(Self.reply(failure))
      }
      return [:]
    }
  }

  private static func reply(_ failure: ControlFailure) -> Huijia_V1_CallReply {
    var reply = Huijia_V1_CallReply()
    reply.failure.exitStatus = failure.exitStatus
    reply.failure.code = failure.code
    reply.failure.message = failure.message
    reply.failure.hint = failure.hint
    return reply
  }
}
