#!/bin/sh
# Makes Sources/WireProtocol/Generated from proto/ again. Needed only after a change in proto/:
# what it makes is committed, so an ordinary build needs no protoc.
#
# Needs protoc (Debian: apt-get install protobuf-compiler). The two plugins are built from the
# packages that this project already depends on, in the versions that Package.swift names.
set -eu
cd "$(dirname "$0")/.."

configuration=${CONFIGURATION:-release}
swift build -c "$configuration" --product protoc-gen-swift
swift build -c "$configuration" --product protoc-gen-grpc-swift-2
plugins=$(swift build -c "$configuration" --show-bin-path)

out=Sources/WireProtocol/Generated
rm -rf "$out"
mkdir -p "$out"
protoc --proto_path=proto \
  --plugin=protoc-gen-swift="$plugins/protoc-gen-swift" \
  --swift_out="$out" --swift_opt=Visibility=Package --swift_opt=FileNaming=DropPath \
  --plugin=protoc-gen-grpc-swift-2="$plugins/protoc-gen-grpc-swift-2" \
  --grpc-swift-2_out="$out" --grpc-swift-2_opt=Visibility=Package \
  --grpc-swift-2_opt=FileNaming=DropPath \
  huijia/v1/peer_link.proto huijia/v1/control.proto
ls "$out"
