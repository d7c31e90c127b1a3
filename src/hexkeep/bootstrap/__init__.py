"""Settings, adapter registry, dependency container and plugin manager: the composition root."""
