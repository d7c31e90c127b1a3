"""The examples of the API reference: calls that are really made, in order, and what is answered to them.

``python -m tests.examples`` writes what a run records into the reference; a test holds that it is what is committed.
What differs from run to run (ids, times, keys, secrets) is written alike each time. The steps are in ``scenario``, a
file for each slice; to show a new operation, add a step there.
"""
