import logging
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import JsonValue

from hexkeep.bootstrap.container import Program
from hexkeep.bootstrap.errors import ConfigurationError
from hexkeep.bootstrap.plugins import Plugins
from hexkeep.bootstrap.settings import Settings, StorageChoice
from hexkeep.core.idp.kinds import IdpKind, IdpSettings
from hexkeep.core.kernel.fields import Name
from hexkeep.core.kernel.permission import Level, Role
from hexkeep.core.kernel.slice import Slice
from hexkeep.core.oidc.asks import TokenClaims
from hexkeep.ports.delivery import Deliverer, Outgoing
from hexkeep.ports.hooks import AdapterEntry, hookimpl
from hexkeep.ports.idp import IdpOffer


class First:
    """A plugin with several hooks."""

    name = "first"

    @hookimpl
    def hexkeep_slices(self) -> Iterable[Slice]:
        """Two nouns."""
        return (Slice("badge"), Slice("door"))

    @hookimpl
    def hexkeep_roles(self) -> Iterable[Role]:
        """One role."""
        return [Role("DOORKEEPER", Level.ORGANIZATION, frozenset({"door.*"}))]

    @hookimpl
    def hexkeep_adapters(self) -> Iterable[AdapterEntry]:
        """One adapter."""
        yield AdapterEntry("locks", "door", "doors:Locks", "doors:Settings")

    @hookimpl
    def hexkeep_token_claims(self, user_id: str, client_id: str, scopes: frozenset[str]) -> Mapping[str, JsonValue]:
        """Claims made of every argument."""
        return {"who": user_id, "for": client_id, "badge": [*sorted(scopes)], "sub": "root"}


class Pigeons:
    """Delivers by a channel of its own."""

    name = "pigeons"

    async def deliver(self, outgoing: Outgoing) -> None:
        """Always arrives."""

    @hookimpl
    def hexkeep_deliverers(self) -> Iterable[tuple[str, Deliverer]]:
        """Itself."""
        return [("pigeon", self)]


class Second:
    """A plugin behind the first."""

    name = "second"

    @hookimpl
    def hexkeep_slices(self) -> Iterable[Slice]:
        """One noun."""
        return [Slice("gate")]

    @hookimpl
    def hexkeep_token_claims(self, user_id: str) -> Mapping[str, JsonValue] | None:
        """A claim that the first sets as well, and one that it does not; only for some."""
        return {"who": "second", "extra": True} if user_id else None


class BankSettings(IdpSettings):
    """What a kind of a plugin's own needs to know."""

    merchant: Name


class Bank:
    """A plugin that offers a kind of identity providers."""

    name = "bank"

    @hookimpl
    def hexkeep_identity_providers(self) -> Iterable[IdpOffer[Any]]:
        """One kind; how its providers are made is never asked here."""
        kind = IdpKind("bank", "Bank", "bank login", BankSettings)
        return (IdpOffer(kind, BankSettings, lambda settings, around: (settings, around)),)


class Failing:
    """A plugin that raises wherever it can."""

    name = "failing"

    @hookimpl
    def hexkeep_roles(self) -> Iterable[Role]:
        """Raises while it is being read."""
        yield Role("ONE", Level.INSTANCE, frozenset())
        raise RuntimeError("out of roles")

    @hookimpl
    def hexkeep_token_claims(self) -> Mapping[str, JsonValue]:
        """Raises for every token."""
        raise RuntimeError("no claims today")


def test_deliverers_are_found_by_channel() -> None:
    """Two for one channel cannot be, for one of them would never be asked."""
    pigeons = Pigeons()
    assert Plugins.load(extra=[pigeons]).deliverers() == {"pigeon": pigeons}

    class Others(Pigeons):
        name = "others"

    with pytest.raises(ConfigurationError, match="two plugins deliver the channel pigeon"):
        Plugins.load(extra=[pigeons, Others()]).deliverers()


def test_identity_providers_are_found_by_kind() -> None:
    """Ours come by the same hook as anybody's; two for one kind cannot be."""
    bank = Bank()
    ours = list(Plugins.load().identity_providers())
    assert {"oidc", "oauth", "github"} <= set(ours)
    assert list(Plugins.load(extra=[bank]).identity_providers()) == [*ours, "bank"]

    class Others(Bank):
        name = "others"

    with pytest.raises(ConfigurationError, match="two plugins offer identity providers of the kind bank"):
        Plugins.load(extra=[bank, Others()]).identity_providers()


def test_kind_of_a_plugin_has_its_operations() -> None:
    """Who offers a kind need not declare what can be done to its providers."""
    program = Program(Settings(storage=StorageChoice(adapter="memory")), Plugins.load(extra=[Bank()]))
    assert "CreateBankIdentityProvider" in {operation.name for operation in program.operations}


def test_contributions_come_in_order_of_registration() -> None:
    """Slices, roles and adapters of several plugins, first registered first."""
    plugins = Plugins.load(extra=[First(), Second()])
    assert [one.name for one in plugins.slices()] == ["badge", "door", "gate"]
    assert [role.name for role in plugins.roles()] == ["DOORKEEPER"]
    assert [entry.name for entry in plugins.adapters()] == ["door"]
    assert (plugins.projections(), plugins.operations()) == ((), ())


def test_classes_are_instantiated() -> None:
    """A plugin may be named by its class."""
    assert [one.name for one in Plugins.load(extra=[First]).slices()] == ["badge", "door"]


def test_known_plugins_are_listed_with_their_hooks() -> None:
    """The list tells name, source and hooks."""
    [first, second] = [info for info in Plugins.load(extra=[First(), Second()]).known() if info.source == "code"]
    assert (first.name, second.name) == ("first", "second")
    assert second.hooks == ("hexkeep_slices", "hexkeep_token_claims")
    assert not first.blocked


def test_blocked_plugin_contributes_nothing() -> None:
    """A blocked plugin is listed as such and has no say."""
    plugins = Plugins.load(block=["first"], extra=[First(), Second()])
    assert [one.name for one in plugins.slices()] == ["gate"]
    assert [(info.name, info.hooks) for info in plugins.known() if info.blocked] == [("first", ())]


def test_blocking_nobody_is_an_error() -> None:
    """A misspelt name in the block list would block nothing, so it is refused."""
    with pytest.raises(ConfigurationError, match=r"plugins\.block: there is no plugin frist; did you mean first\?"):
        Plugins.load(block=["frist"], extra=[First()])


def test_misspelt_hook_is_refused() -> None:
    """A marked method that is no hook stops the start and is named."""

    class Misspelt:
        @hookimpl
        def hexkeep_slice(self) -> Iterable[Slice]:
            """One letter short."""
            return ()

    with pytest.raises(ConfigurationError, match="hexkeep_slice"):
        Plugins.load(extra=[Misspelt()])


def test_hook_with_other_parameters_is_refused() -> None:
    """A parameter that the specification does not have stops the start."""

    class Greedy:
        @hookimpl
        def hexkeep_token_claims(self, password: str) -> Mapping[str, JsonValue]:
            """Wants what no plugin is given."""
            return {"password": password}

    with pytest.raises(ConfigurationError, match="the plugin Greedy does not fit"):
        Plugins.load(extra=[Greedy()])


def test_two_plugins_of_one_name_are_refused() -> None:
    """A name stands for one plugin, so that blocking is certain."""
    with pytest.raises(ConfigurationError, match="two plugins are called first"):
        Plugins.load(extra=[First(), First()])


def test_failing_plugin_stops_the_start() -> None:
    """What a plugin raises at start is told with the hook."""
    with pytest.raises(ConfigurationError, match=r"a plugin failed in hexkeep_roles: RuntimeError\('out of roles'\)"):
        Plugins.load(extra=[Failing()]).roles()


def test_token_claims_are_merged_first_come_first_served() -> None:
    """Each plugin sees the arguments it names; the first to set a claim wins; reserved claims are not theirs to set."""
    claims = Plugins.load(extra=[First(), Second()]).token_claims()
    assert claims(TokenClaims("u1", "c1", ("b", "a"))) == {"who": "u1", "for": "c1", "badge": ["a", "b"], "extra": True}
    assert claims(TokenClaims("", "c1", ())) == {"who": "", "for": "c1", "badge": []}


class Told:
    """A plugin that wants to know everything."""

    @hookimpl
    def hexkeep_token_claims(
        self, token: str, grant_type: str, organization_id: str, project_id: str, metadata: Mapping[str, str]
    ) -> Mapping[str, JsonValue]:
        """What it was told."""
        return {"told": [token, grant_type, organization_id, project_id, metadata["colour"]]}


def test_enricher_is_told_what_the_claims_are_for() -> None:
    """Which token, by which grant, for whose user and whose application; what nobody takes is not read for anybody."""
    claims = Plugins.load(extra=[Told()]).token_claims()
    asked = TokenClaims("u1", "c1", (), "id_token", "authorization_code", "o1", "p1", (("colour", "blue"),))
    assert claims(asked) == {"told": ["id_token", "authorization_code", "o1", "p1", "blue"]}
    assert "metadata" in claims.arguments
    assert "metadata" not in Plugins.load(extra=[Second()]).token_claims().arguments


def test_slow_enricher_is_named(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody waits for it: its claims count, and the log says whose they are."""
    times = iter((1.0, 1.2))
    monkeypatch.setattr("hexkeep.bootstrap.plugins.perf_counter", lambda: next(times))
    claims = Plugins.load(extra=[Second()]).token_claims()
    with caplog.at_level(logging.WARNING):
        assert claims(TokenClaims("u1", "c1", ())) == {"who": "second", "extra": True}
    assert "the plugin second took 200 ms to enrich a token" in caplog.text


def test_failing_enricher_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    """A token is issued without the claims of a plugin that fails, and the failure is logged."""
    claims = Plugins.load(extra=[Failing(), Second()]).token_claims()
    with caplog.at_level(logging.ERROR):
        assert claims(TokenClaims("u1", "c1", ())) == {"who": "second", "extra": True}
    assert "the plugin failing failed to enrich a token" in caplog.text


def test_no_enrichers_add_nothing() -> None:
    """Without plugins a token is what the protocol says."""
    assert Plugins.load().token_claims()(TokenClaims("u1", "c1", ())) == {}


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two installed distributions: `good` has a plugin class, `broken` names a module that fails on import."""
    for name, value in (("good", "acme_good:Good"), ("broken", "acme_broken")):
        info = tmp_path / f"acme_{name}-2.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: acme-{name}\nVersion: 2.0\n")
        (info / "entry_points.txt").write_text(f"[hexkeep.plugins]\n{name} = {value}\n")
    good = """
        from hexkeep.core.kernel.slice import Slice
        from hexkeep.ports.hooks import hookimpl
        class Good:
            @hookimpl
            def hexkeep_slices(self):
                return [Slice("good")]
    """
    (tmp_path / "acme_good.py").write_text(textwrap.dedent(good))
    (tmp_path / "acme_broken.py").write_text("raise ZeroDivisionError\n")
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.mark.usefixtures("installed")
def test_installed_plugins_are_found() -> None:
    """Entry points are loaded in order of name, before objects handed over; version and distribution are known."""
    plugins = Plugins.load(block=["broken"], extra=[Second()])
    assert [one.name for one in plugins.slices()] == ["good", "gate"]
    listed = {info.name: (info.version, info.source, info.blocked) for info in plugins.known()}
    assert listed["good"] == ("2.0", "acme-good", False)
    assert listed["broken"] == ("2.0", "acme-broken", True)


@pytest.mark.usefixtures("installed")
def test_broken_plugin_says_how_to_go_on() -> None:
    """A plugin that cannot be imported stops the start, with its name and the way to block it."""
    message = r"the plugin broken of acme-broken cannot be loaded: ZeroDivisionError\(\); mend it or block it: "
    with pytest.raises(ConfigurationError, match=message):
        Plugins.load()
