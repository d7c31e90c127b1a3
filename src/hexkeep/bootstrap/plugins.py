"""The plugin manager: finds plugins, refuses what does not fit, and collects what they contribute.

The order is that of registration: first-party plugins as their tuple has them, entry points by name, then objects that
the embedding program hands over.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from importlib.metadata import Distribution, EntryPoint, distributions, version
from time import perf_counter
from types import MappingProxyType
from typing import Any, TypeVar

import pluggy
from pydantic import JsonValue

from hexkeep.bootstrap.errors import ConfigurationError, Problem
from hexkeep.bootstrap.loading import nearest
from hexkeep.core.kernel.operation import AnyOperation
from hexkeep.core.kernel.permission import Role
from hexkeep.core.kernel.slice import Slice
from hexkeep.core.kernel.view import Projection
from hexkeep.core.oidc.asks import TokenClaims
from hexkeep.plugins.builtin import BUILT_IN
from hexkeep.ports.delivery import Deliverer
from hexkeep.ports.hooks import PLUGINS_GROUP, PROJECT, AdapterEntry, Hooks
from hexkeep.ports.idp import IdpOffer

T = TypeVar("T")
logger = logging.getLogger(__name__)

RESERVED_CLAIMS = frozenset(
    {"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "auth_time", "nonce", "acr", "amr", "azp", "at_hash", "c_hash"}
    | {"client_id", "scope", "sid", "cnf", "act", "may_act", "events"}
)
"""Claims that RFC 7519, RFC 9068, RFC 8693 and OIDC Core give a meaning on which security rests."""

SLOW = 0.05
"""Seconds after which an enricher is named in the log: everybody waits for it."""


@dataclass(frozen=True, slots=True)
class PluginInfo:
    """A plugin as ``hexkeep plugins`` shows it. ``hooks`` are those it implements; a blocked one is not loaded."""

    name: str
    version: str
    source: str
    hooks: tuple[str, ...] = ()
    blocked: bool = False


class Plugins:
    """The plugins of one program. Construct, then ``load``; raises ``ConfigurationError`` for what does not fit."""

    def __init__(self, block: Sequence[str] = ()) -> None:
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(Hooks)
        self._block = frozenset(block)
        self._known: list[PluginInfo] = []

    @classmethod
    def load(cls, block: Sequence[str] = (), extra: Iterable[object] = ()) -> "Plugins":
        """Every plugin there is but the blocked ones, checked."""
        plugins = cls(block)
        for plugin in BUILT_IN:
            plugins.register(plugin, _name_of(plugin), version(PROJECT), "built in")
        for point, distribution in _entry_points():
            plugins.register_entry_point(point, distribution)
        for plugin in extra:
            plugins.register(plugin, _name_of(plugin), "", "code")
        plugins.check()
        return plugins

    def register(self, plugin: object, name: str, plugin_version: str, source: str) -> None:
        """Add one plugin under a name that is free. A class is instantiated."""
        if any(known.name == name for known in self._known):
            raise ConfigurationError(Problem(f"two plugins are called {name}"))
        if name in self._block:
            self._known.append(PluginInfo(name, plugin_version, source, blocked=True))
            return
        instance = plugin() if isinstance(plugin, type) else plugin
        try:
            self._manager.register(instance, name)
        except (pluggy.PluginValidationError, ValueError) as error:
            raise ConfigurationError(Problem(f"the plugin {name} does not fit: {error}")) from error
        hooks = tuple(sorted(caller.name for caller in self._manager.get_hookcallers(instance) or ()))
        self._known.append(PluginInfo(name, plugin_version, source, hooks))

    def register_entry_point(self, point: EntryPoint, distribution: Distribution) -> None:
        """Add the plugin of an installed distribution; a blocked one is not even imported."""
        if point.name in self._block:
            plugin: object = None
        else:
            try:
                plugin = point.load()
            except Exception as error:
                hint = f"mend it or block it: [plugins] block = [{point.name!r}]"
                message = f"the plugin {point.name} of {distribution.name} cannot be loaded: {error!r}; {hint}"
                raise ConfigurationError(Problem(message)) from error
        self.register(plugin, point.name, distribution.version, distribution.name)

    def check(self) -> None:
        """Refuse misspelt hooks and blocked names that nobody has."""
        try:
            self._manager.check_pending()
        except pluggy.PluginValidationError as error:
            raise ConfigurationError(Problem(str(error))) from error
        names = {known.name for known in self._known}
        unknown = [
            Problem(f"there is no plugin {name}{nearest(name, names)}", "plugins.block") for name in self._block - names
        ]
        if unknown:
            raise ConfigurationError(*sorted(unknown, key=str))

    def known(self) -> tuple[PluginInfo, ...]:
        """Every plugin that was found, in order of registration."""
        return tuple(self._known)

    def adapters(self) -> tuple[AdapterEntry, ...]:
        """What ``hexkeep_adapters`` contributes."""
        return self._collected(self._manager.hook.hexkeep_adapters)

    def slices(self) -> tuple[Slice, ...]:
        """What ``hexkeep_slices`` contributes."""
        return self._collected(self._manager.hook.hexkeep_slices)

    def projections(self) -> tuple[Projection, ...]:
        """What ``hexkeep_projections`` contributes."""
        return self._collected(self._manager.hook.hexkeep_projections)

    def operations(self) -> tuple[AnyOperation, ...]:
        """What ``hexkeep_operations`` contributes."""
        return self._collected(self._manager.hook.hexkeep_operations)

    def roles(self) -> tuple[Role, ...]:
        """What ``hexkeep_roles`` contributes."""
        return self._collected(self._manager.hook.hexkeep_roles)

    def deliverers(self) -> Mapping[str, Deliverer]:
        """What ``hexkeep_deliverers`` contributes, by channel; raises ``ConfigurationError`` for a channel of two."""
        found: dict[str, Deliverer] = {}
        contributed: tuple[tuple[str, Deliverer], ...] = self._collected(self._manager.hook.hexkeep_deliverers)
        for channel, deliverer in contributed:
            if channel in found:
                raise ConfigurationError(Problem(f"two plugins deliver the channel {channel}"))
            found[channel] = deliverer
        return found

    def identity_providers(self) -> "Mapping[str, IdpOffer[Any]]":
        """What ``hexkeep_identity_providers`` contributes, by kind; ``ConfigurationError`` for a kind of two."""
        found: dict[str, IdpOffer[Any]] = {}
        contributed: tuple[IdpOffer[Any], ...] = self._collected(self._manager.hook.hexkeep_identity_providers)
        for offer in contributed:
            if offer.kind.name in found:
                raise ConfigurationError(Problem(f"two plugins offer identity providers of the kind {offer.kind.name}"))
            found[offer.kind.name] = offer
        return found

    def token_claims(self) -> "Enrichers":
        """The token enrichers, looked up once: they run for every token."""
        implementations = self._manager.hook.hexkeep_token_claims.get_hookimpls()
        return Enrichers([Enricher(one.plugin_name, one.function, tuple(one.argnames)) for one in implementations])

    def _collected(self, hook: "pluggy.HookCaller") -> tuple[T, ...]:
        try:
            results: list[Iterable[T]] = hook()
            return tuple(item for result in reversed(results) for item in result)  # pluggy calls the last one first
        except Exception as error:
            raise ConfigurationError(Problem(f"a plugin failed in {hook.name}: {error!r}")) from error


@dataclass(frozen=True, slots=True)
class Enricher:
    """One plugin's token enricher; it names the arguments that it wants to have."""

    plugin: str
    function: Callable[..., object]
    arguments: tuple[str, ...]

    def __call__(self, values: Mapping[str, object]) -> Mapping[str, JsonValue]:
        """The plugin's claims; none when it fails or answers with something else."""
        began = perf_counter()
        try:
            claims = self.function(*(values[name] for name in self.arguments))
        except Exception:
            logger.exception("the plugin %s failed to enrich a token", self.plugin)
            return {}
        if (took := perf_counter() - began) > SLOW:
            logger.warning("the plugin %s took %.0f ms to enrich a token", self.plugin, took * 1000)
        return claims if isinstance(claims, Mapping) else {}


class Enrichers:
    """All token enrichers as the one function ``ports.hooks.TokenClaims``."""

    def __init__(self, enrichers: Sequence[Enricher]) -> None:
        self._enrichers = enrichers
        self._arguments = frozenset(name for one in enrichers for name in one.arguments)

    @property
    def arguments(self) -> frozenset[str]:
        """What at least one of them wants to know."""
        return self._arguments

    def __call__(self, asked: TokenClaims, /) -> Mapping[str, JsonValue]:
        """The claims to add; without those of a plugin that failed, and without reserved ones."""
        if not self._enrichers:
            return {}
        values = {one.name: getattr(asked, one.name) for one in fields(asked)} | {
            "scopes": frozenset(asked.scopes),
            "metadata": MappingProxyType(dict(asked.metadata)),
        }
        claims: dict[str, JsonValue] = {}
        for enricher in self._enrichers:
            for claim, value in enricher(values).items():
                if claim not in RESERVED_CLAIMS:
                    claims.setdefault(claim, value)
        return claims


def _entry_points() -> Iterator[tuple[EntryPoint, Distribution]]:
    """Entry points with their distributions, by name; of a distribution found twice the first counts, as in imports."""
    seen: dict[tuple[str, str], tuple[EntryPoint, Distribution]] = {}
    for distribution in distributions():
        for point in distribution.entry_points.select(group=PLUGINS_GROUP):
            seen.setdefault((point.name, distribution.name), (point, distribution))
    return iter([seen[key] for key in sorted(seen)])


def _name_of(plugin: object) -> str:
    """A plugin's ``name`` attribute, else the name of its module or class."""
    cls = plugin if isinstance(plugin, type) else type(plugin)
    return str(getattr(plugin, "name", "") or getattr(plugin, "__name__", "") or cls.__name__)
