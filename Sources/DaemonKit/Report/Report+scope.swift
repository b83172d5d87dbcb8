extension Report {
  /// `scope check`: a problem a paragraph, as `FILE:LINE:COLUMN: severity: message`, and how many there are.
  package func policyProblems(_ document: JSON, of file: String) -> String {
    let problems = document.elements
    let paragraphs = problems.map { problem in
      let isError = problem["severity"]?.text == "error"
      let line = problem["line"]?.integer ?? 0
      let place = line > 0 ? "\(file):\(line):\(cell(problem["column"]))" : file
      let text = "\(place): \(say(isError ? .error : .warning))\(cell(problem["message"]))"
      guard let hint = problem["hint"]?.text else { return text }
      return "\(text)\n\(say(.hint))\(hint)"
    }
    let errors = problems.filter { $0["severity"]?.text == "error" }.count
    let sum =
      problems.isEmpty
      ? say(.noProblems)
      : "\(say(.errors)) \(errors), \(say(.warnings)) \(problems.count - errors)"
    return (paragraphs + ["\(file): \(sum)"]).joined(separator: "\n")
  }
}

extension Phrase {
  static let warning = Phrase("警告:", "warning: ")
  static let errors = Phrase("错误", "errors")
  static let warnings = Phrase("警告", "warnings")
  static let noProblems = Phrase("没有发现问题", "no problems found")
}
