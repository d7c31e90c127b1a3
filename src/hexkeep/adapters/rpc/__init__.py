"""Operations as protobuf services: descriptors, binding, Connect and gRPC-web; nothing here knows any noun."""
