"""Secrets that the system keeps to use later are shown by no view, no history and no search, on the real engine."""

from pydantic import JsonValue

from hexkeep.ports.api import Bearer
from tests.unit.core.tenants import land

OIDC: dict[str, JsonValue] = {"issuer": "https://login.example.net", "client_id": "hexkeep"}
HOOK: dict[str, JsonValue] = {"name": "Kept", "kind": "webhook", "url": "https://hooks.example.net"}


async def test_secrets_of_providers_and_targets_are_shown_by_nothing() -> None:
    """Whoever owns the instance reads everything there is, and the secrets are not there."""
    async with land() as here:
        north = here.tenants[0]
        admin, inside = Bearer(north.admin), north.id
        named: dict[str, JsonValue] = {"name": "Kept", "client_secret": "kept-s3cret"}
        provider = await here.call("CreateInstanceOidcIdentityProvider", admin, inside, **named, **OIDC)
        target = await here.call("CreateTarget", admin, inside, **HOOK)
        renewed = await here.call("RegenerateTargetSigningKey", admin, inside, target_id=target.target_id)
        secrets = ("kept-s3cret", target.signing_key, renewed.signing_key)
        one: dict[str, JsonValue] = {"identity_provider_id": provider.identity_provider_id}
        shown = [
            await here.call("GetInstanceOidcIdentityProvider", admin, inside, **one),
            await here.call("ListInstanceIdentityProviders", admin, inside),
            await here.call("GetTarget", admin, inside, target_id=target.target_id),
            await here.call("ListTargets", admin, inside),
            await here.call("ListEvents", admin, inside, limit=1000),
        ]
        for kind, resource_id in (
            ("identity_provider", provider.identity_provider_id),
            ("target", target.target_id),
        ):
            place: dict[str, JsonValue] = {"aggregate_type": kind, "aggregate_id": resource_id}
            history = await here.call("ListHistory", admin, inside, **place)
            assert kind in history.model_dump_json()
            shown.append(history)
        text = "".join(one.model_dump_json() for one in shown)
        assert target.target_id in text
        assert [secret for secret in secrets if secret in text] == []
