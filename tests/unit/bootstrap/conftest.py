from tests.unit.bootstrap.surroundings import empty_surroundings, logging_restored

__all__ = ["empty_surroundings", "logging_restored"]
