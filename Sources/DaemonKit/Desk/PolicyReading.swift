package import Governance

/// A policy file as `scope check` judges it.
package struct PolicyReading: Sendable {
  /// The file's name as the operator knows it; in messages and nowhere else.
  package let file: String
  package let source: [UInt8]
  package let day: CalendarDay

  /// - Parameter day: the day as of which rules hold, as `2026-12-31`; nil: today in China. Throws `day-malformed`.
  package init(file: String, source: [UInt8], day: String?) throws {
    self.file = file
    self.source = source
    guard let day else {
      self.day = CalendarDay(inChinaAt: wallClock())
      return
    }
    guard let wanted = CalendarDay(day) else {
      throw OperatorError(.dayMalformed, ["day": day], status: .usage)
    }
    self.day = wanted
  }

  /// The arguments by which a daemon is asked for the same.
  package var arguments: JSON {
    [
      "file": .string(file), "source": .string(String(decoding: source, as: UTF8.self)),
      "day": .string("\(day)"),
    ]
  }

  /// Every problem against a catalog: `[{line, column, rule, severity, message, hint}]`, in the order of their places.
  package func check(against catalog: Catalog) -> JSON {
    let problems = PolicyCheck.problems(source, catalog: catalog, file: file, asOf: day)
    return .array(
      problems.map { problem in
        [
          "line": .integer(problem.line), "column": .integer(problem.column),
          "rule": .optional(problem.rule), "severity": .string(problem.severity.rawValue),
          "message": .string(problem.message), "hint": .optional(problem.hint),
        ]
      })
  }

  /// Reads every ledger file of a folder. Throws `catalog-invalid` with all their problems.
  package static func catalog(_ directory: String) throws -> Catalog {
    do throws(Problems) {
      return try Catalog(directory: directory)
    } catch {
      throw OperatorError(
        .catalogInvalid, ["path": directory, "problems": error.description], status: .usage)
    }
  }
}
