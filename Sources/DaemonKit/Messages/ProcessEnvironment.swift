/// The environment that this process was started with.
package enum ProcessEnvironment {
  /// All variables, read once from the kernel's copy: the C library's own array may change under a reader.
  package static let variables: [String: String] = {
    var result: [String: String] = [:]
    let bytes = (try? LocalFile.read("/proc/self/environ")) ?? []
    for entry in bytes.split(separator: 0) {
      guard let equals = entry.firstIndex(of: UInt8(ascii: "=")) else { continue }
      let name = String(decoding: entry[..<equals], as: UTF8.self)
      result[name] = String(decoding: entry[entry.index(after: equals)...], as: UTF8.self)
    }
    return result
  }()

  /// The value of a variable; nil when it is unset or empty.
  package static subscript(name: String) -> String? {
    guard let value = variables[name], !value.isEmpty else { return nil }
    return value
  }
}
