"""Native gRPC on a port of its own: gRPC's C core, driven from the event loop that everything else runs on."""
