"""How an instance is called as an identity provider (Metadata section 4.1): by where its metadata is.

It has a module of its own for those who would otherwise load all of ``name_id``, which knows users and domains.
"""

ENTITY_ID = "/saml/metadata"
"""What follows an instance's origin in its entity id."""
