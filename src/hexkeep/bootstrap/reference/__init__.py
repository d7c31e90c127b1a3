"""Pages of the documentation that are made from the code, so that they cannot say anything else.

``python -m hexkeep.bootstrap.reference docs/reference`` writes them; a test finds those that are out of date.
"""
