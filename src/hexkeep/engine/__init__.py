"""Runs the core through the ports: commands, events, projections, queries, processes."""
