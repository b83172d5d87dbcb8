/// For labs and tests only: lets a daemon see a clock that is off, its database's included.
package enum LabClock {
  /// The variable that names the offset in seconds; unset or no number: none.
  package static let variable = "HUIJIA_LAB_CLOCK_OFFSET"

  /// Microseconds that are added to every reading of the clock.
  static let offset: Int64 = {
    guard let text = ProcessEnvironment[variable], let seconds = Double(text),
      seconds.magnitude < 1e10
    else { return 0 }
    return Int64(seconds * 1_000_000)
  }()
}
