/// Values of some fields of a record, ascending by field. An array: a record has few fields, and millions of records are sealed.
package struct FieldValues: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  /// A field and its value.
  package struct Entry: Hashable, Sendable {
    package let field: FieldID
    package let value: Value
  }

  /// Ascending by field, each once.
  package private(set) var entries: [Entry] = []

  package init() {}

  package init(dictionaryLiteral elements: (FieldID, Value)...) {
    for (field, value) in elements { self[field] = value }
  }

  package mutating func reserveCapacity(_ count: Int) { entries.reserveCapacity(count) }

  /// Adds the value of a field after all that are here.
  package mutating func append(_ value: Value, of field: FieldID) {
    entries.append(Entry(field: field, value: value))
  }

  package var isEmpty: Bool { entries.isEmpty }

  package var fields: FieldSet { FieldSet(entries.lazy.map(\.field)) }

  /// The value of a field; nil when it has none here. Setting nil takes it away.
  package subscript(field: FieldID) -> Value? {
    get { entries.first { $0.field == field }?.value }
    set {
      let at = entries.lastIndex { $0.field <= field }
      let next = at.map { $0 + 1 } ?? 0
      let isThere = at.map { entries[$0].field == field } ?? false
      switch (newValue, isThere) {
      case (let value?, true): entries[next - 1] = Entry(field: field, value: value)
      case (let value?, false): entries.insert(Entry(field: field, value: value), at: next)
      case (nil, true): entries.remove(at: next - 1)
      case (nil, false): break
      }
    }
  }
}
