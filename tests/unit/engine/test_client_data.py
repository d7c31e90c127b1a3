"""Who called: under whose key it is sealed, and that it goes with that person."""

from dataclasses import replace

from hexkeep.core.kernel.decision import Request
from hexkeep.core.kernel.permission import ANONYMOUS, Caller, CallerKind
from hexkeep.engine.client_data import Client, ClientData
from tests.unit.engine.rig import INSTANCE, Rig, started

ADA = Caller(CallerKind.USER, user_id="ada")


def request_of(rig: Rig, caller: Caller) -> Request:
    """A call from a browser."""
    now = rig.machinery.clock.now()
    return Request(INSTANCE, caller, now, address="203.0.113.9", user_agent="Browser/1")


async def test_client_data_comes_back_for_the_audit() -> None:
    """Surface, address and user agent are what they were."""
    async with started() as rig:
        data = ClientData(rig.machinery.keyring)
        sealed = await data.sealed(request_of(rig, ADA), "rest")
        assert b"203.0.113.9" not in sealed
        assert await data.opened(INSTANCE, sealed) == Client("rest", "203.0.113.9", "Browser/1")


async def test_client_data_of_a_user_goes_with_the_user() -> None:
    """It is sealed under the caller's key."""
    async with started() as rig:
        data = ClientData(rig.machinery.keyring)
        sealed = await data.sealed(request_of(rig, ADA), "rest")
        await rig.machinery.keyring.destroy(INSTANCE, "subject/ada")
        assert await data.opened(INSTANCE, sealed) == Client()
        assert await data.sealed(request_of(rig, ADA), "rest") == b""


async def test_a_call_by_nobody_is_sealed_for_whom_it_was_about() -> None:
    """A sign-in is a call by nobody until it is answered; its address is the person's all the same."""
    async with started() as rig:
        data = ClientData(rig.machinery.keyring)
        sealed = await data.sealed(request_of(rig, ANONYMOUS), "web", person="ada")
        await rig.machinery.keyring.destroy(INSTANCE, "subject/ada")
        assert await data.opened(INSTANCE, sealed) == Client()


async def test_where_nobody_is_known_the_key_is_the_days() -> None:
    """So it is gone when the day's key is."""
    async with started() as rig:
        data = ClientData(rig.machinery.keyring)
        request = request_of(rig, ANONYMOUS)
        sealed = await data.sealed(request, "web")
        await rig.machinery.keyring.destroy(INSTANCE, f"client/{request.now.date()}")
        assert await data.opened(INSTANCE, sealed) == Client()


async def test_a_call_from_inside_has_no_client() -> None:
    """Nothing is sealed where nobody came from anywhere."""
    async with started() as rig:
        data = ClientData(rig.machinery.keyring)
        inside = replace(request_of(rig, ANONYMOUS), address="", user_agent="")
        assert await data.sealed(inside, "setup") == b""
        assert await data.opened(INSTANCE, b"") == Client()
