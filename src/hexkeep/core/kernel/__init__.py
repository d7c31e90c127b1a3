"""The vocabulary of every slice: events, aggregates, asks, decisions, views, operations, permissions, errors."""
