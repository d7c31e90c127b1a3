from tests.unit.bootstrap.surroundings import empty_surroundings

__all__ = ["empty_surroundings"]
