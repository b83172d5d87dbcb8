import ControlAPI
import Glibc

extension ControlActor {
  /// The user's name on this machine; `uid N` when it has none.
  var name: String {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 16_384)
    let status = getpwuid_r(user, &entry, &buffer, buffer.count, &found)
    guard status == 0, found != nil, let name = entry.pw_name else { return "uid \(user)" }
    return String(cString: name)
  }
}
