"""A plugin for Hexkeep: tokens tell the customer number of their user."""
