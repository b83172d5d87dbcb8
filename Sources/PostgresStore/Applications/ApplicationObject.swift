/// A view or function of schema `huijia` that applications may use. Everything else of the schema is closed to them.
struct ApplicationObject {
  /// Statements that make it; they run at every start, after the migrations.
  let definition: [String]
  /// What the applications' role is granted, as `GRANT … TO` wants it.
  let privilege: String

  /// A view; `query` is its body. It reads with its owner's rights, and may call no function of schema `huijia`: those are judged by the caller's.
  static func view(_ name: String, _ query: String) -> ApplicationObject {
    ApplicationObject(
      definition: ["CREATE OR REPLACE VIEW huijia.\(name) AS \(query)"],
      privilege: "SELECT ON huijia.\(name)")
  }

  /// A function; `signature` names its argument types. The definition must be `SECURITY DEFINER` with a pinned search path.
  static func function(_ signature: String, _ definition: [String]) -> ApplicationObject {
    ApplicationObject(
      definition: definition, privilege: "EXECUTE ON FUNCTION huijia.\(signature)")
  }

  /// All of them, each after what it needs.
  static let all: [ApplicationObject] = [quarantine, cameHome, trace, conflict, version]
}

extension Installer {
  /// Makes what applications may see.
  func makeApplicationObjects() throws {
    for object in ApplicationObject.all {
      for statement in object.definition { try connection.execute(statement) }
    }
  }

  /// Opens to applications the documented objects of schema `huijia`, and closes every function that PostgreSQL opens to all by itself.
  func grantApplicationObjects() throws {
    var statements = [
      "REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA huijia FROM PUBLIC",
      "GRANT USAGE ON SCHEMA huijia TO \(applicationRole)",
    ]
    statements += ApplicationObject.all.map { "GRANT \($0.privilege) TO \(applicationRole)" }
    try connection.execute(statements.joined(separator: ";\n"))
  }
}
