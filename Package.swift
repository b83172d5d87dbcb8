// swift-tools-version: 6.2
import PackageDescription

/// Every target is held to the same rules; a warning is an error.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
  // Targets are cut small; without this the encoding's generic code is not specialised where it is called.
  .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
]

/// Code made by protoc: its style is not ours to judge.
let generated: [SwiftSetting] = [.swiftLanguageMode(.v6)]

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let grpc = Target.Dependency.product(name: "GRPCCore", package: "grpc-swift-2")
let grpcProtobuf = Target.Dependency.product(name: "GRPCProtobuf", package: "grpc-swift-protobuf")
let grpcTransport = Target.Dependency.product(
  name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioHTTP2 = Target.Dependency.product(name: "NIOHTTP2", package: "swift-nio-http2")
let nioHPACK = Target.Dependency.product(name: "NIOHPACK", package: "swift-nio-http2")
let certificateReloading = Target.Dependency.product(
  name: "NIOCertificateReloading", package: "swift-nio-extras")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let lifecycle = Target.Dependency.product(
  name: "ServiceLifecycle", package: "swift-service-lifecycle")

let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")

let package = Package(
  name: "huijia",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/apple/swift-certificates", exact: "1.21.1"),
    .package(url: "https://github.com/apple/swift-asn1", exact: "1.7.4"),
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
    .package(url: "https://github.com/apple/swift-nio-http2", exact: "1.46.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0"),
    .package(url: "https://github.com/grpc/grpc-swift-2", exact: "2.4.3"),
    .package(url: "https://github.com/grpc/grpc-swift-nio-transport", exact: "2.9.2"),
    .package(url: "https://github.com/grpc/grpc-swift-protobuf", exact: "2.4.1"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
  ],
  targets: [
    .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(
      name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(name: "ReplicationCore", swiftSettings: strict),
    .target(name: "SeededRandom", swiftSettings: strict),
    .target(
      name: "SignedFeed", dependencies: ["COpenSSL", "ReplicationCore", crypto],
      swiftSettings: strict),
    .target(
      name: "Governance", dependencies: ["ReplicationCore", "SignedFeed", yams],
      swiftSettings: strict),
    .target(name: "PeerLink", dependencies: ["ReplicationCore"], swiftSettings: strict),
    .target(
      name: "ReplicationEngine",
      dependencies: [
        "ReplicationCore", "SeededRandom", "SignedFeed", "Governance", "PeerLink", logging,
      ],
      swiftSettings: strict),
    .target(
      name: "NodeIdentity", dependencies: ["ReplicationCore", crypto, x509, asn1],
      swiftSettings: strict),
    .target(
      name: "ReplicationTestKit",
      dependencies: [
        "ReplicationCore", "SeededRandom", "SignedFeed", "Governance", "PeerLink",
        "ReplicationEngine",
      ],
      swiftSettings: strict),
    .target(name: "FuzzKit", dependencies: ["SeededRandom"], swiftSettings: strict),
    .target(
      name: "PostgresStore",
      dependencies: [
        "CPostgres", "ReplicationCore", "SignedFeed", "Governance", "ReplicationEngine", logging,
      ],
      swiftSettings: strict),
    .target(
      name: "WireProtocol", dependencies: [protobuf, grpc, grpcProtobuf], swiftSettings: generated),
    .target(
      name: "PeerTransport",
      dependencies: [
        "WireProtocol", "ReplicationCore", "PeerLink", "NodeIdentity", x509, asn1, grpc,
        grpcTransport, grpcProtobuf, protobuf, nioCore, nioPosix, nioSSL, certificateReloading,
      ],
      swiftSettings: strict),
    .target(
      name: "ControlAPI",
      dependencies: [
        "WireProtocol", grpc, grpcTransport, grpcProtobuf, protobuf, nioCore, nioHTTP2, nioHPACK,
      ],
      swiftSettings: strict),
    .target(
      name: "DaemonKit",
      dependencies: [
        "ReplicationCore", "SignedFeed", "Governance", "PeerLink", "NodeIdentity",
        "ReplicationEngine", "PostgresStore", "PeerTransport", "ControlAPI", lifecycle, signals,
        logging,
      ],
      swiftSettings: strict),
    .target(
      name: "LabKit",
      dependencies: [
        "ReplicationCore", "SeededRandom", "SignedFeed", "Governance", "NodeIdentity",
        "ReplicationEngine", "PostgresStore", "ControlAPI", "DaemonKit", nioCore, nioPosix,
      ],
      swiftSettings: strict),
    .target(
      name: "CommandKit", dependencies: ["DaemonKit", arguments], swiftSettings: strict),
    .executableTarget(
      name: "huijiad", dependencies: ["DaemonKit", "CommandKit", arguments],
      swiftSettings: strict),
    .executableTarget(
      name: "huijiactl", dependencies: ["DaemonKit", "CommandKit", "ControlAPI", arguments],
      swiftSettings: strict),
    .executableTarget(
      name: "huijia-lab", dependencies: ["DaemonKit", "CommandKit", "LabKit", arguments],
      swiftSettings: strict),
    .testTarget(
      name: "ReplicationCoreTests", dependencies: ["ReplicationCore", "SeededRandom"],
      swiftSettings: strict),
    .testTarget(
      name: "SignedFeedTests",
      dependencies: ["ReplicationCore", "SeededRandom", "SignedFeed", "FuzzKit"],
      exclude: ["Corpus"], resources: [.copy("Vectors")], swiftSettings: strict),
    .testTarget(
      name: "GovernanceTests",
      dependencies: ["ReplicationCore", "SignedFeed", "Governance", "FuzzKit"],
      exclude: ["Corpus"],
      swiftSettings: strict),
    .testTarget(
      name: "ReplicationEngineTests",
      dependencies: [
        "ReplicationCore", "SeededRandom", "SignedFeed", "Governance", "PeerLink",
        "ReplicationEngine", "ReplicationTestKit", "FuzzKit", "NodeIdentity", "PeerTransport",
      ],
      exclude: ["Links/Corpus", "Parcels/Corpus"], swiftSettings: strict),
    .testTarget(
      name: "PostgresStoreTests",
      dependencies: [
        "ReplicationCore", "SeededRandom", "SignedFeed", "Governance", "ReplicationEngine",
        "ReplicationTestKit", "PostgresStore", "DaemonKit", "FuzzKit",
      ],
      exclude: ["Hostile/Corpus"], swiftSettings: strict),
    .testTarget(
      name: "PeerTransportTests",
      dependencies: [
        "ReplicationCore", "PeerLink", "NodeIdentity", "PeerTransport", "FuzzKit", x509, asn1,
        grpc, nioCore, nioPosix, nioSSL, nioHTTP2, nioHPACK,
      ],
      exclude: ["Corpus"], swiftSettings: strict),
    .testTarget(
      name: "ControlAPITests",
      dependencies: ["ControlAPI", "FuzzKit", grpc, grpcTransport],
      exclude: ["Corpus"], swiftSettings: strict),
    .testTarget(name: "ProjectTests", swiftSettings: strict),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "ReplicationCore", "SignedFeed", "ReplicationEngine", "NodeIdentity", "SeededRandom",
        "Governance", "DaemonKit", "LabKit",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "LabKitTests",
      dependencies: [
        "ReplicationCore", "Governance", "NodeIdentity", "ReplicationEngine", "PeerTransport",
        "DaemonKit", "LabKit", "FuzzKit",
      ],
      exclude: ["Corpus"],
      swiftSettings: strict),
  ]
)
