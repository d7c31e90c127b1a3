"""A session that is too weak for what an application asks is strengthened on the page for second factors."""

from datetime import UTC, datetime

import httpx

from hexkeep.core.factor import rfc6238
from hexkeep.core.factor.totp import NewTotp, VerifyMyTotp
from hexkeep.core.kernel.operation import Empty, Operation
from hexkeep.ports.api import Anonymous, Bearer, Meta
from tests.unit.adapters.site import PASSWORD, USER_NAME, Tenant, answered, authorization, hidden, sign_in

MFA = "urn:hexkeep:acr:mfa"


def code(secret: str, later: int = 0) -> str:
    """What an authenticator app shows, now or some steps later."""
    key = rfc6238.key_of(secret)
    assert key is not None
    return rfc6238.hotp(key, rfc6238.step_at(datetime.now(UTC)) + later)


async def app_set_up_elsewhere(tenant: Tenant) -> str:
    """The secret of an authenticator app that Ada has set up in another browser."""
    meta, iam = Meta(instance=tenant.id, timeout=60), tenant.iam
    create = iam.operation("CreateSession")
    asked = create.input.model_validate({"login_name": USER_NAME, "password": PASSWORD})
    opened = (await iam.call(create, asked, Anonymous(), meta)).output
    credentials = Bearer(opened.session_token)
    register: Operation[Empty, NewTotp] = iam.operation("RegisterMyTotp")
    secret = (await iam.call(register, Empty(), credentials, meta)).output.secret
    verify: Operation[VerifyMyTotp, Empty] = iam.operation("VerifyMyTotp")
    await iam.call(verify, VerifyMyTotp(code=code(secret)), credentials, meta)
    return secret


async def test_weak_session_is_strengthened_and_goes_on(browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """The password is not asked for again; a wrong code is told, the right one leads back with a code."""
    client = await tenant.application()
    await sign_in(browser)
    secret = await app_set_up_elsewhere(tenant)
    plain = await browser.get("/oauth/authorize", params=authorization(client, acr_values="urn:hexkeep:acr:pwd"))
    assert "code" in answered(plain.headers["location"])
    began = await browser.get("/oauth/authorize", params=authorization(client, acr_values=MFA))
    location = began.headers["location"]
    assert location.startswith("/ui/second-factor?request=")
    page = await browser.get(location)
    assert "Code from your authenticator app" in page.text
    wrong = await browser.post("/ui/second-factor", data={**hidden(page.text), "code": "000000"})
    assert wrong.status_code == 403
    done = await browser.post("/ui/second-factor", data={**hidden(page.text), "code": code(secret, 1)})
    assert "code" in answered(done.headers["location"])
    again = await browser.get("/oauth/authorize", params=authorization(client, acr_values=MFA, prompt="none"))
    assert "code" in answered(again.headers["location"])


async def test_passkey_is_not_offered_replacements(browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """Who has no passkey cannot reach `phr` by a code, and is not led to a page that could not help."""
    client = await tenant.application()
    await sign_in(browser)
    await app_set_up_elsewhere(tenant)
    essential = '{"id_token":{"acr":{"essential":true,"values":["phr"]}}}'
    response = await browser.get("/oauth/authorize", params=authorization(client, claims=essential))
    assert answered(response.headers["location"])["error"] == "unmet_authentication_requirements"
