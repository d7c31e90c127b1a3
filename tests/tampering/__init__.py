"""Attacks on the log by somebody who owns the database, and what the verification says to them."""
