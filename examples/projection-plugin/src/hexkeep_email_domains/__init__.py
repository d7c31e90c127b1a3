"""A plugin for Hexkeep: which users have an e-mail address at a domain."""
