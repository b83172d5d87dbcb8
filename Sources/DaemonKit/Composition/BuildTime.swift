/// When this program was made, at the earliest: no present lies before it.
enum BuildTime {
  /// 2026-11-01T00:00:00Z, in microseconds since 1970. Raised with each release.
  static let microseconds: Int64 = 1_793_491_200_000_000
}
