/// A view or function of schema `huijia` that applications may use. Everything else of the schema is closed to them.
struct ApplicationObject {
  /// Statements that make it; they run at a start, after the migrations, where it does not stand as they say.
  let definition: [String]
  /// The view's name with its schema; nil: a function, which can be made again while others use it.
  let view: String?
  /// What the applications' role is granted, as `GRANT … TO` wants it.
  let privilege: String

  /// A view; `query` is its body. It reads with its owner's rights, and may call no function of schema `huijia`: those are judged by the caller's.
  static func view(_ name: String, _ query: String) -> ApplicationObject {
    ApplicationObject(
      definition: ["CREATE OR REPLACE VIEW huijia.\(name) AS \(query)"],
      view: "huijia.\(name)",
      privilege: "SELECT ON huijia.\(name)")
  }

  /// A function; `signature` names its argument types. The definition must be `SECURITY DEFINER` with a pinned search path.
  static func function(_ signature: String, _ definition: [String]) -> ApplicationObject {
    ApplicationObject(
      definition: definition, view: nil, privilege: "EXECUTE ON FUNCTION huijia.\(signature)")
  }

  /// All of them, each after what it needs.
  static let all: [ApplicationObject] = [
    quarantine, cameHome, trace, conflict, version, verify,
  ]
}

extension Installer {
  /// Makes what applications may see. A view that stands as it should is not touched: an application may have read it in a transaction that is still open.
  func makeApplicationObjects() throws {
    for object in ApplicationObject.all {
      guard let view = object.view else {
        for statement in object.definition { try connection.execute(statement) }
        continue
      }
      try waitingBriefly {
        if try stands(view, object) { return }
        for statement in object.definition { try connection.execute(statement) }
        let digest = try connection.query("SELECT \(Self.viewDigest)", parameters(view, object))
        try connection.execute("COMMENT ON VIEW \(view) IS '\(digest.text(0, 0) ?? "")'")
      }
    }
  }

  /// Whether a view was made by this definition and is now what it was then.
  private func stands(_ view: String, _ object: ApplicationObject) throws -> Bool {
    let rows = try connection.query(
      "SELECT obj_description(to_regclass($1), 'pg_class') = \(Self.viewDigest)",
      parameters(view, object))
    return rows.int(0, 0) == 1
  }

  /// Of what a view was made by, and of what the database has made of it: a view that somebody changed by hand has another one.
  private static let viewDigest = "md5($2 || pg_get_viewdef(to_regclass($1)))"

  private func parameters(_ view: String, _ object: ApplicationObject) -> [Parameter] {
    [.text(view), .text(object.definition.joined(separator: "\n"))]
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
