package import DaemonKit

/// One figure, of Huijia and of PostgreSQL's own logical replication in the same run.
package struct BenchFigure: Sendable {
  let name: String
  let title: Phrase
  let unit: String
  let huijia: Double
  /// Nil where there is nothing to compare with.
  let native: Double?

  var ratio: Double? { native.flatMap { $0 > 0 ? huijia / $0 : nil } }
}

/// What a run has found.
package struct BenchReport: Sendable {
  package var figures: [BenchFigure] = []

  /// One document: name, unit, both figures, their ratio.
  package var document: JSON {
    .array(
      figures.map { figure in
        [
          "name": .string(figure.name), "unit": .string(figure.unit),
          "huijia": .number(Self.text(figure.huijia)),
          "native": figure.native.map { .number(Self.text($0)) } ?? .null,
          "ratio": figure.ratio.map { .number(Self.text($0)) } ?? .null,
        ]
      })
  }

  /// The same for people.
  package func table(in language: Language) -> String {
    let titles = [
      Phrase("指标", "figure"), Phrase("单位", "unit"), Phrase("回家", "Huijia"),
      Phrase("PostgreSQL 逻辑复制", "PostgreSQL's own"), Phrase("比值", "ratio"),
    ]
    var table = TextTable(titles.map { $0.text(in: language) }, alignRight: [2, 3, 4])
    for figure in figures {
      table.add([
        figure.title.text(in: language), figure.unit, Self.text(figure.huijia),
        figure.native.map(Self.text) ?? "", figure.ratio.map(Self.text) ?? "",
      ])
    }
    return table.text
  }

  /// Three digits that say something, no exponent.
  private static func text(_ number: Double) -> String {
    if number >= 100 { return "\(Int(number.rounded()))" }
    let scale = number >= 10 ? 10.0 : number >= 1 ? 100.0 : 1000.0
    return "\((number * scale).rounded() / scale)"
  }
}

/// Measurements of one kind.
struct BenchSamples {
  private var values: [Double] = []

  mutating func add(_ value: Double) { values.append(value) }

  /// The value below which a share of all lie, 0 … 1; 0 without a value.
  func quantile(_ share: Double) -> Double {
    let sorted = values.sorted()
    guard let last = sorted.last else { return 0 }
    let place = Int(Double(sorted.count) * share)
    return place < sorted.count ? sorted[place] : last
  }

  var median: Double { quantile(0.5) }
  var greatest: Double { values.max() ?? 0 }
}
