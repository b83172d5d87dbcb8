import Glibc
import NIOCore
import Synchronization

/// The condition of one link, and the connections that are open on it.
final class ForwardingValve: Sendable {
  let link: ForwardedLink
  private struct State {
    var condition = LinkCondition.open
    /// Both ends of every connection; an end that waits for its other one is alone.
    var channels: [ObjectIdentifier: any Channel] = [:]
    /// Accepted while the link was silent: connected onward when it opens.
    var waiting: [any Channel] = []
  }
  private let state = Mutex(State())

  init(_ link: ForwardedLink) { self.link = link }

  var condition: LinkCondition { state.withLock { $0.condition } }

  /// Counts a channel in until it closes.
  func add(_ channel: any Channel) {
    let id = ObjectIdentifier(channel)
    state.withLock { $0.channels[id] = channel }
    channel.closeFuture.whenComplete { [weak self] _ in
      self?.state.withLock { _ = $0.channels.removeValue(forKey: id) }
    }
  }

  /// Keeps an accepted channel until the link opens; false when it is open now.
  func holdBack(_ channel: any Channel) -> Bool {
    state.withLock { state in
      guard state.condition == .silent else { return false }
      state.waiting.append(channel)
      return true
    }
  }

  /// Changes the condition. Returns the accepted channels that are to be connected onward now.
  func set(_ condition: LinkCondition) -> [any Channel] {
    let (channels, waiting) = state.withLock { state in
      state.condition = condition
      let waiting = condition == .silent ? [] : state.waiting
      if condition != .silent { state.waiting = [] }
      return (Array(state.channels.values), waiting)
    }
    switch condition {
    case .open:
      for channel in channels { channel.triggerUserOutboundEvent(ValveOpened(), promise: nil) }
      return waiting.filter(\.isActive)
    case .reset:
      for channel in channels { Self.reset(channel) }
      return []
    case .silent:
      return []
    }
  }

  /// Closes a connection with a reset instead of an orderly end.
  static func reset(_ channel: any Channel) {
    guard let options = channel as? any SocketOptionProvider else {
      channel.close(promise: nil)
      return
    }
    options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in
      channel.close(promise: nil)
    }
  }
}

/// Tells a connection's ends that its link passes bytes again.
struct ValveOpened: Sendable {}
