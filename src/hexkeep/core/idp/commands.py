"""Making and changing identity providers, of whatever kind."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from hexkeep.core.domain.names import canonical
from hexkeep.core.domain.state import DOMAINS
from hexkeep.core.group.access import insist_on_cover
from hexkeep.core.group.state import GROUP
from hexkeep.core.idp.accounts import insist_on_cover_of_linked, insist_on_same_accounts
from hexkeep.core.idp.events import (
    AutoLinking,
    IdentityProviderAdded,
    IdentityProviderChanged,
    IdentityProviderDeactivated,
    IdentityProviderReactivated,
    IdentityProviderRemoved,
    IdentityProviderSecretsChanged,
)
from hexkeep.core.idp.kinds import IdpKind, IdpSettings, packed
from hexkeep.core.idp.mapping import GroupRule
from hexkeep.core.idp.messages import IdentityProviderChange, IdentityProviderCreated, NewProvider, ProviderUpdate
from hexkeep.core.idp.state import (
    IDENTITY_PROVIDER,
    OPTIONS,
    IdentityProvider,
    Options,
    provider_domain_key,
    provider_name_key,
)
from hexkeep.core.idp.vouching import JUDGED, insist_on_vouched
from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.decision import Change, Context, Decision
from hexkeep.core.kernel.errors import InvalidInput, NotFound, PermissionDenied, Violation
from hexkeep.core.kernel.event import Event
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.kernel.permission import Level
from hexkeep.core.kernel.unique import Claim, Release
from hexkeep.core.kernel.update import expect
from hexkeep.core.organization.state import ORGANIZATION

READ, LETS_IN = "idp.read", "group.write"
TAKEN_OVER = ("auto_update", "email_trusted", "claim_mapping")
"""The options that say what becomes of linked users at their sign-ins, their addresses among it."""


def reached(ctx: Context, provider_id: str, level: Level) -> IdentityProvider:
    """A provider of that level on which the caller holds the operation's permission; those of another are not there."""
    provider = ctx.load(IDENTITY_PROVIDER, provider_id, guarded=True)
    there = provider.exists and (level is Level.INSTANCE) == (not provider.organization_id)
    reach(ctx, READ, exists=there, organization=provider.organization_id)
    return provider


def insist_on_kind(provider: IdentityProvider, kind: IdpKind) -> None:
    """Raise ``NotFound`` for a provider of another kind: under this name there is none."""
    if provider.kind != kind.name:
        raise NotFound(f"This identity provider is of the kind {provider.kind}")


def create_provider(
    ctx: Context, kind: IdpKind, request: NewProvider, organization_id: str = ""
) -> Decision[IdentityProviderCreated]:
    """Make an identity provider of an organization, or of the instance where none is named."""
    ctx.authorize(organization=organization_id)
    if organization_id:
        ctx.load(ORGANIZATION, organization_id, guarded=True).status.insist(Status.ACTIVE, "organization")
    settings = kind.judged({name: getattr(request, name) for name in kind.settings.model_fields})
    insist_on_vouched(ctx, settings)
    options = _judged(ctx, {name: getattr(request, name) for name in OPTIONS}, settings, organization_id)
    _insist_on_groups(ctx, options, (), organization_id)
    provider_id = ctx.new_id()
    added = IdentityProviderAdded(
        organization_id=organization_id,
        kind=kind.name,
        name=request.name,
        settings=kind.public(settings),
        secrets=packed(kind.secret(settings)),
        **_fields(options),
    )
    ref = IDENTITY_PROVIDER.ref(provider_id)
    return Decision(
        IdentityProviderCreated(identity_provider_id=provider_id),
        IDENTITY_PROVIDER.append(provider_id, added),
        Claim(provider_name_key(organization_id, request.name), ref),
        *(Claim(provider_domain_key(organization_id, domain), ref) for domain in options.email_domains),
    )


def update_provider(ctx: Context, kind: IdpKind, request: ProviderUpdate, level: Level) -> Decision[Empty]:
    """Change an identity provider. What is left out stays as it is, secrets included.

    Raises ``FailedPrecondition`` where it would be another server that users are linked to, and ``PermissionDenied``
    where others would be believed about linked users who hold more than the caller.
    """
    provider = reached(ctx, request.identity_provider_id, level)
    insist_on_kind(provider, kind)
    expect(ctx, IDENTITY_PROVIDER, request.identity_provider_id, request)
    changes = request.changes()
    changed = {name: value for name, value in changes.items() if name in kind.settings.model_fields}
    settings = kind.judged({**provider.settings, **provider.secrets, **changed})
    if JUDGED & changed.keys():
        insist_on_vouched(ctx, settings)
    _insist_on_secrets(kind, provider, settings, request)
    insist_on_same_accounts(ctx, kind, request.identity_provider_id, provider.settings, kind.public(settings))
    wanted = {name: changes.get(name, getattr(provider.options, name)) for name in OPTIONS}
    options = _judged(ctx, wanted, settings, provider.organization_id, provider.options)
    name = str(changes.get("name", provider.name))
    events = tuple(_events(provider, kind, name, options, settings))
    if not events:
        return Decision(Empty())
    if _believes(kind, provider, changed.keys(), settings) or _takes_over(provider.options, options):
        insist_on_cover_of_linked(ctx, request.identity_provider_id)
    _insist_on_groups(ctx, options, provider.options.group_rules, provider.organization_id)
    renamed = _renamed(request.identity_provider_id, provider, name)
    moved = _moved(request.identity_provider_id, provider, options)
    return Decision(Empty(), IDENTITY_PROVIDER.append(request.identity_provider_id, *events), *renamed, *moved)


def _judged(
    ctx: Context,
    options: Mapping[str, Any],
    settings: IdpSettings,
    organization_id: str,
    before: Options | None = None,
) -> Options:
    """The options as they are kept; raises ``InvalidInput`` for such as do not fit together."""
    linking = AutoLinking(str(options["auto_linking"]))
    linking = AutoLinking.NONE if linking is AutoLinking.UNSPECIFIED else linking
    domains = _domains(ctx, options["email_domains"])
    found = Options(**{**options, "auto_linking": linking, "email_domains": domains})
    wrong = []
    verified = ctx.load(DOMAINS, organization_id, guarded=True).verified if organization_id and domains else domains
    if not set(domains) <= {*verified, *(before.email_domains if before else ())}:
        wrong.append(Violation("email_domains", "must be domains that the organization has verified"))
    if found.email_trusted and settings.strangers:
        wrong.append(Violation("email_trusted", "needs a directory, or allowed_directories"))
    if found.auto_creation and not found.creation_allowed:
        wrong.append(Violation("auto_creation", "needs creation_allowed"))
    if found.auto_linking is not AutoLinking.NONE and not found.linking_allowed:
        wrong.append(Violation("auto_linking", "needs linking_allowed"))
    if wrong:
        raise InvalidInput("", *wrong)
    return found


def _domains(ctx: Context, names: tuple[str, ...]) -> tuple[str, ...]:
    """Domains as they are compared, each once; raises ``InvalidInput`` for what is none."""
    try:
        return tuple(dict.fromkeys(canonical(name, ctx) for name in names))
    except InvalidInput:
        raise InvalidInput("", Violation("email_domains", "must be domain names, such as example.com")) from None


def _insist_on_groups(ctx: Context, options: Options, before: tuple[GroupRule, ...], organization_id: str) -> None:
    """Whoever decides who comes by a provider lets people into these groups, and so has to be allowed to.

    Raises ``NotFound`` for a group that is not there or of elsewhere, and ``PermissionDenied``.
    """
    for rule in options.group_rules:
        group = ctx.load(GROUP, rule.group_id, guarded=True)
        if not group.exists and rule in before:
            continue  # it was removed since, and counts for nothing
        if not group.exists or organization_id not in {"", group.organization_id}:
            raise NotFound("There is no such group here")
        if not ctx.caller.may(LETS_IN, organization=group.organization_id):
            raise PermissionDenied("The caller may let nobody into the group")
        insist_on_cover(rule.group_id, ctx)


def _moved(provider_id: str, provider: IdentityProvider, options: Options) -> Iterator[Change]:
    """What lets go of domains, and takes others."""
    ref, before, after = IDENTITY_PROVIDER.ref(provider_id), provider.options.email_domains, options.email_domains
    for domain in before:
        if domain not in after:
            yield Release(provider_domain_key(provider.organization_id, domain), ref)
    for domain in after:
        if domain not in before:
            yield Claim(provider_domain_key(provider.organization_id, domain), ref)


def _fields(options: Options) -> dict[str, Any]:
    """The options as events have them."""
    return {name: getattr(options, name) for name in OPTIONS}


def _believes(kind: IdpKind, provider: IdentityProvider, named: Iterable[str], settings: IdpSettings) -> bool:
    """Whether one of the named settings changes that say who is believed."""
    before = {**provider.settings, **provider.secrets}
    after = {**kind.public(settings), **kind.secret(settings)}
    return any(before.get(name) != after.get(name) for name in named if name not in kind.harmless)


def _takes_over(before: Options, after: Options) -> bool:
    """Whether other addresses become those of linked users from now on, who could be sent a new password there."""
    return after.auto_update and any(getattr(before, name) != getattr(after, name) for name in TAKEN_OVER)


def _insist_on_secrets(
    kind: IdpKind, provider: IdentityProvider, settings: IdpSettings, request: ProviderUpdate
) -> None:
    """A kept secret is not sent anywhere else: who cannot read it could otherwise have it sent to themselves."""
    public, kept = kind.public(settings), kind.secret(settings)
    moved = [name for name in sorted(kind.sent_to) if public.get(name) != provider.settings.get(name)]
    missing = [name for name in kept if getattr(request, name) is None]
    if moved and missing:
        problem = f"must be given again where {moved[0]} changes"
        raise InvalidInput("", *(Violation(name, problem) for name in missing))


def _events(
    provider: IdentityProvider, kind: IdpKind, name: str, options: Options, settings: IdpSettings
) -> list[Event]:
    public, secrets = kind.public(settings), kind.secret(settings)
    changed: list[Event] = []
    if (name, options, public) != (provider.name, provider.options, dict(provider.settings)):
        changed.append(
            IdentityProviderChanged(name=name, settings=public, **_fields(options)),
        )
    if secrets != dict(provider.secrets):
        changed.append(IdentityProviderSecretsChanged(secrets=packed(secrets)))
    return changed


def _renamed(provider_id: str, provider: IdentityProvider, name: str) -> tuple[Change, ...]:
    ref = IDENTITY_PROVIDER.ref(provider_id)
    before, after = (provider_name_key(provider.organization_id, one) for one in (provider.name, name))
    return () if before.normalised() == after.normalised() else (Release(before, ref), Claim(after, ref))


def deactivate_provider(ctx: Context, request: IdentityProviderChange, level: Level) -> Decision[Empty]:
    """Switch an identity provider off."""
    provider = reached(ctx, request.identity_provider_id, level)
    expect(ctx, IDENTITY_PROVIDER, request.identity_provider_id, request)
    provider.status.insist(Status.ACTIVE, "identity provider")
    return Decision(Empty(), IDENTITY_PROVIDER.append(request.identity_provider_id, IdentityProviderDeactivated()))


def reactivate_provider(ctx: Context, request: IdentityProviderChange, level: Level) -> Decision[Empty]:
    """Switch it on again.

    Raises ``PermissionDenied`` where linked users hold more than the caller: it may have been switched off for them.
    """
    provider = reached(ctx, request.identity_provider_id, level)
    expect(ctx, IDENTITY_PROVIDER, request.identity_provider_id, request)
    provider.status.insist(Status.INACTIVE, "identity provider")
    insist_on_cover_of_linked(ctx, request.identity_provider_id)
    return Decision(Empty(), IDENTITY_PROVIDER.append(request.identity_provider_id, IdentityProviderReactivated()))


def delete_provider(ctx: Context, request: IdentityProviderChange, level: Level) -> Decision[Empty]:
    """Remove it for good."""
    provider = reached(ctx, request.identity_provider_id, level)
    expect(ctx, IDENTITY_PROVIDER, request.identity_provider_id, request)
    return Decision(
        Empty(),
        IDENTITY_PROVIDER.append(request.identity_provider_id, IdentityProviderRemoved()),
        Release(
            provider_name_key(provider.organization_id, provider.name),
            IDENTITY_PROVIDER.ref(request.identity_provider_id),
        ),
        *_moved(request.identity_provider_id, provider, replace(provider.options, email_domains=())),
    )
