"""Encryption and keyed hashing by the cryptography library."""
