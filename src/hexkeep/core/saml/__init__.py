"""SAML 2.0 as pure functions over XML that was read and verified: one file per subject, sections in the docstrings."""
