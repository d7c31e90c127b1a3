"""Hooks: where plugins take part.

A plugin is any object with methods of these names, marked with ``hookimpl``::

    from hexkeep.ports.hooks import hookimpl

    class Badges:
        @hookimpl
        def hexkeep_slices(self) -> Iterable[Slice]:
            return (BADGES,)

Distributions name theirs under the entry point group ``hexkeep.plugins`` (an object, a module or a class without
arguments); embedding programs hand objects to ``hexkeep.open``. Hooks are synchronous, called in order of registration
(first-party plugins, entry points by name, then objects), and each may be left out. A method with a hook's prefix that
is no hook, or has other parameters, stops the start. So does an exception out of any hook but ``hexkeep_token_claims``.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import pluggy
from pydantic import BaseModel, JsonValue

from hexkeep.core.kernel.operation import AnyOperation
from hexkeep.core.kernel.permission import Role
from hexkeep.core.kernel.slice import Slice
from hexkeep.core.kernel.view import Projection
from hexkeep.core.oidc import asks
from hexkeep.ports.adapter import Adapter
from hexkeep.ports.delivery import Deliverer
from hexkeep.ports.idp import IdpOffer

PROJECT = "hexkeep"
ADAPTERS_GROUP = "hexkeep.adapters"
PLUGINS_GROUP = "hexkeep.plugins"


hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a plugin's method as its implementation of the hook of the same name; keeps the method's type."""


@dataclass(frozen=True, slots=True)
class AdapterEntry:
    """How an adapter is found: which ``port`` (``storage``, ``locks``, ``pubsub``) it serves, under which ``name``.

    ``factory`` and ``settings`` are ``"module:Name"`` or the things themselves; text is imported when the adapter is
    chosen, so that an adapter whose libraries are missing costs nothing. The factory is called with one instance of
    the settings model. ``install`` is what to install when the import fails, as pip wants it: ``hexkeep[postgres]``.
    """

    port: str
    name: str
    factory: str | Callable[..., Adapter]
    settings: str | type[BaseModel]
    install: str = ""


class TokenClaims(Protocol):
    """All token enrichers as one function; see ``hexkeep_token_claims``."""

    @property
    def arguments(self) -> frozenset[str]:
        """The arguments that at least one of them takes."""

    def __call__(self, asked: asks.TokenClaims, /) -> Mapping[str, JsonValue]:
        """The claims to add."""


class Hooks(Protocol):
    """The specifications. Their docstrings are the reference."""

    @hookspec
    def hexkeep_slices(self) -> Iterable[Slice]:
        """Nouns to add: aggregates, projections, operations, processes and roles as one value each.

        Called once at start, before the storage is opened. A name that another slice has taken stops the start.
        """

    @hookspec
    def hexkeep_projections(self) -> Iterable[Projection]:
        """Projections to add over events of slices that exist already.

        Called once at start, after ``hexkeep_slices``. A new projection is filled from the beginning of its log.
        """

    @hookspec
    def hexkeep_operations(self) -> Iterable[AnyOperation]:
        """Operations to add. They appear on every surface: REST, OpenAPI, CLI, embedded.

        Called once at start, after ``hexkeep_slices``. An operation without a permission cannot be made.
        """

    @hookspec
    def hexkeep_roles(self) -> Iterable[Role]:
        """Roles to add to the built-in ones, which keep their meaning.

        Called once at start, after ``hexkeep_slices``.
        """

    @hookspec
    def hexkeep_adapters(self) -> Iterable[AdapterEntry]:
        """Adapters to offer under a name in the settings.

        Called once at start, first of all hooks. A distribution that brings nothing but an adapter needs no plugin:
        it names the entry in the entry point group ``hexkeep.adapters`` as ``<port>.<name>``.
        """

    @hookspec
    def hexkeep_deliverers(self) -> Iterable[tuple[str, Deliverer]]:
        """Deliverers by channel: what brings the deliveries of outboxes outside.

        Called once at start, after the slices. ``deliver`` of the object is then awaited for every attempt, on the
        one node that leads, several at once; ``hexkeep.ports.delivery`` says what it has to guarantee. A channel
        that another plugin delivers stops the start. One that nobody delivers waits.
        """

    @hookspec
    def hexkeep_identity_providers(self) -> "Iterable[IdpOffer[Any]]":
        """Kinds of identity providers that people can sign in by, each with how a provider is made of its settings.

        Called once at start, after ``hexkeep_slices``. A kind that is not among our own gets its operations by this, as
        a slice ``idp_KIND``, so no other slice has them. A kind that another plugin offers stops the start. ``make`` of
        the offer is then called for every sign-in; ``hexkeep.ports.idp`` says what its providers have to guarantee.
        """

    @hookspec
    def hexkeep_token_claims(  # noqa: PLR0917 - a plugin takes those that it names
        self,
        user_id: str,
        client_id: str,
        scopes: frozenset[str],
        token: str,
        grant_type: str,
        organization_id: str,
        project_id: str,
        metadata: Mapping[str, str],
    ) -> Mapping[str, JsonValue] | None:
        """Claims to add for ``user_id`` (empty: the client itself), or ``None`` for none.

        ``token`` tells where they will stand: in an ``access_token``, in an ``id_token`` or in the answer of
        ``userinfo``, where ``grant_type`` is empty. ``organization_id`` is that of the user, or of the client that
        acts for itself; ``project_id`` that of the application, empty for a machine user. ``metadata`` is what is
        kept with the user, by key, of those values that are text. An implementation takes the arguments that it
        names.

        Called for every token that is issued, so it has to be fast, and pure: the answer depends on the arguments
        alone. Claims the protocol defines (``iss``, ``sub``, ``aud``, ``exp`` …) cannot be set; of two plugins that
        set the same claim the one registered first wins. An exception is logged and the plugin's claims left out.
        """
