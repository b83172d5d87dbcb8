/// A division that a record belongs to, and the home column that says so.
package struct Home: Hashable, Sendable {
  /// The column's place in the ledger's order of home columns; 0 is `home` itself.
  package let column: UInt8
  package let code: DivisionCode

  package init(_ code: DivisionCode, column: UInt8 = 0) {
    self.code = code
    self.column = column
  }
}

extension [Home] {
  /// The homes of codes that stand in the ledger's home columns one after another.
  package static func inOrder(_ codes: [DivisionCode]) -> [Home] {
    codes.enumerated().map { Home($1, column: UInt8($0)) }
  }

  /// The homes that the home columns' values name, one value for each column in its order; nil names none.
  package init(columns codes: some Sequence<DivisionCode?>) {
    self = codes.enumerated().compactMap { column, code in
      code.map { Home($0, column: UInt8(column)) }
    }
  }
}
