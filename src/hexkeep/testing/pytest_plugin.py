"""The pytest plugin of Hexkeep, loaded by pytest in every environment that has Hexkeep: it costs nothing until used.

All it does is to have the kits' assertions rewritten, so that a third party's failing contract shows its values.
"""

import pytest

MODULES = (
    *("contract", "event_store", "expiring", "horizon", "key_changes", "keys", "locks", "pubsub", "reading", "units"),
    *("blobs", "instances", "loader", "seals", "snapshots"),
    *("builds", "view_samples", "view_strategies", "views"),
    *("faults", "golden", "model", "model_logs", "model_steps", "model_views", "twins"),
    *("answers", "decisions", "history", "jose", "offload", "offload_work"),
    *("idp", "idp_logout", "idp_oauth", "idp_oidc", "idp_password", "idp_saml", "idp_upstream", "saml"),
)

# Each by name: this module's own package is loaded already, and pytest warns of what it can no longer rewrite.
pytest.register_assert_rewrite(*(f"hexkeep.testing.{module}" for module in MODULES))
