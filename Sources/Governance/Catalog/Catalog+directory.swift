import Foundation

extension Catalog {
  /// Reads every `*.yaml` file of a folder. Throws when the folder or a file cannot be read, and every problem of the files.
  package init(directory: String, epoch: UInt64 = 1) throws(Problems) {
    var files: [CatalogFile] = []
    var problems: [Problem] = []
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    for name in names.sorted() where name.hasSuffix(".yaml") && !name.hasPrefix(".") {
      let data = FileManager.default.contents(atPath: directory + "/" + name)
      guard let data, let text = String(validating: data, as: UTF8.self) else {
        problems.append(
          Problem(
            file: name, line: 0, column: 0, message: "cannot be read, or is not UTF-8"))
        continue
      }
      files.append(CatalogFile(name: name, text: text))
    }
    if files.isEmpty, problems.isEmpty {
      problems.append(
        Problem(
          file: directory, line: 0, column: 0, message: "there is no ledger file (*.yaml)",
          hint: "name the folder that holds resident.yaml and the like"))
    }
    guard problems.isEmpty else { throw Problems(problems) }
    try self.init(epoch: epoch, files: files)
  }
}
