"""A plugin for Hexkeep: people sign in by their account at a Discourse forum."""
