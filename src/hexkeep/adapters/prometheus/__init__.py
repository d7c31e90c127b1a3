"""Figures in the text format of Prometheus, by its own client library."""
