"""Projections as operators see them: where they are, what is parked, and what is skipped on purpose."""
