/// Lets options that every verb takes stand before the verb too.
package enum ArgumentOrder {
  /// Moves those options behind the verb, before a `--`. `valued` options take the next argument, unless written with `=`.
  package static func verbFirst(
    _ arguments: [String], valued: Set<String>, flags: Set<String>
  ) -> [String] {
    var moved: [String] = []
    var index = 0
    while index < arguments.count {
      let argument = arguments[index]
      if flags.contains(argument) || valued.contains(where: { argument.hasPrefix("\($0)=") }) {
        moved.append(argument)
        index += 1
      } else if valued.contains(argument), index + 1 < arguments.count {
        moved += arguments[index...(index + 1)]
        index += 2
      } else {
        break
      }
    }
    let rest = arguments[index...]
    // Without a verb there is nothing to put them behind.
    guard let verb = rest.first, !verb.hasPrefix("-") else { return arguments }
    let end = rest.firstIndex(of: "--") ?? rest.endIndex
    return Array(rest[..<end]) + moved + Array(rest[end...])
  }
}
