extension RunningProgram {
  /// Feeds the program and waits until it has said `lines` more lines. False when it ended or closed its input before.
  package func ask(_ bytes: [UInt8], lines: Int) -> Bool {
    let goal = linesSaid + lines
    guard write(bytes) else { return false }
    while linesSaid < goal {
      guard waitForOutput() else { return false }
    }
    return true
  }
}
