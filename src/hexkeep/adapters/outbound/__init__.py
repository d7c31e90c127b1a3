"""The outside, by dnspython and httpcore2, behind a guard that lets nobody into our own network."""
