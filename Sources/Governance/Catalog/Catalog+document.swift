extension Catalog {
  private static let title = "huijia catalog 1\n"

  /// The catalog as one document, to be signed: the same sources and epoch give the same bytes.
  ///
  /// A title line, `epoch N`, then for each file in the order of names `file NAME BYTES`, its bytes and a line end.
  package var document: [UInt8] {
    var bytes = Array("\(Self.title)epoch \(epoch)\n".utf8)
    for file in files {
      bytes.append(contentsOf: "file \(file.name) \(file.text.utf8.count)\n".utf8)
      bytes.append(contentsOf: file.text.utf8)
      bytes.append(0x0A)
    }
    return bytes
  }

  /// Reads such a document. Throws when it is not canonical, and every problem of its files.
  package init(document: [UInt8]) throws(Problems) {
    guard let parts = Self.split(document) else {
      throw Problems([
        Problem(
          file: "catalog", line: 0, column: 0, message: "the catalog document is malformed",
          hint: "fetch it from the parent again")
      ])
    }
    try self.init(epoch: parts.epoch, files: parts.files)
    guard self.document == document else {
      throw Problems([
        Problem(
          file: "catalog", line: 0, column: 0, message: "the catalog document is not canonical")
      ])
    }
  }

  private static func split(_ document: [UInt8]) -> (epoch: UInt64, files: [CatalogFile])? {
    var rest = document[...]
    guard rest.starts(with: title.utf8) else { return nil }
    rest = rest.dropFirst(title.utf8.count)
    guard let first = line(&rest)?.split(separator: " "), first.count == 2, first[0] == "epoch",
      let epoch = UInt64(first[1])
    else { return nil }
    var files: [CatalogFile] = []
    while !rest.isEmpty {
      guard let parts = line(&rest)?.split(separator: " "), parts.count == 3, parts[0] == "file",
        let count = Int(parts[2]), count >= 0, count < rest.count,
        rest[rest.startIndex + count] == 0x0A, files.count < maximumLedgers,
        let text = String(validating: rest.prefix(count), as: UTF8.self)
      else { return nil }
      files.append(CatalogFile(name: String(parts[1]), text: text))
      rest = rest.dropFirst(count + 1)
    }
    return (epoch, files)
  }

  private static func line(_ rest: inout ArraySlice<UInt8>) -> String? {
    guard let end = rest.firstIndex(of: 0x0A), end - rest.startIndex <= 256 else { return nil }
    let text = String(validating: rest[..<end], as: UTF8.self)
    rest = rest[(end + 1)...]
    return text
  }
}
