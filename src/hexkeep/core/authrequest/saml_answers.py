"""How the request of a service provider ends: with an assertion, or with a status that says why there is none."""

import base64

from hexkeep.core.application.state import SamlProvider
from hexkeep.core.authrequest.events import SamlAssertionIssued, SamlRequestReceived
from hexkeep.core.authrequest.messages import AuthorizationStep, StepKind
from hexkeep.core.authrequest.state import AUTH_REQUEST, AuthRequest, SamlWishes
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID
from hexkeep.core.oidc import participants
from hexkeep.core.oidc.errors import LoginRequired, OAuthError
from hexkeep.core.oidc.oidc_core import Prompt
from hexkeep.core.oidc.parties import Client, Person
from hexkeep.core.saml import attributes, authn_context, encrypted_id, keys, response, session_index
from hexkeep.core.saml.asks import WriteXml
from hexkeep.core.saml.entity_id import ENTITY_ID
from hexkeep.core.saml.errors import (
    INVALID_NAME_ID_POLICY,
    UNKNOWN_PRINCIPAL,
    SamlProviderUnknown,
    Status,
    status_of,
)
from hexkeep.core.saml.name_id import Named, NameId, is_name_of, known_format, name_of
from hexkeep.core.saml.settings import SamlNameFormat
from hexkeep.core.saml.xml import Element
from hexkeep.core.session.state import SESSION, ToldName

Answered = tuple[AuthorizationStep, SamlAssertionIssued | None, tuple[Append, ...]]


def told(ctx: Context, event: SamlRequestReceived, client: Client, status: Status) -> AuthorizationStep:
    """The answer to a request that is wrong in itself, before anybody is asked to sign in for it."""
    return refused(ctx, AUTH_REQUEST.fold((event,)), client, status)


def refused(ctx: Context, asked: AuthRequest, client: Client, status: Status) -> AuthorizationStep:
    """Core section 3.2.2: why there is no assertion, signed."""
    return _sent(ctx, asked, response.refusal(_envelope(ctx, asked), status), _provider(client), encrypted=False)


def granted(ctx: Context, asked: AuthRequest, client: Client, person: Person) -> Answered:
    """Profiles section 4.1.4.2: the assertion, the event that tells of it, and what is written elsewhere."""
    provider, wishes = _provider(client), _wishes(asked)
    name = _name(ctx, wishes, provider, person)
    if name is None:
        return refused(ctx, asked, client, INVALID_NAME_ID_POLICY), None, ()
    session = ctx.load(SESSION, person.session_id)
    ends = session.expires_at or ctx.now + response.LIFETIME
    sign_in = response.SignIn(
        assertion_id=f"_{ctx.new_id()}",
        audience=provider.metadata.entity_id,
        named=encrypted_id.told(ctx, name, provider),
        authenticated_at=person.auth_time,
        session_index=session_index.told(ctx, person.session_id, client.id, ends),
        session_ends=ends,
        context=authn_context.told(person.methods, asked.acr_values, wishes.context_names),
        attributes=attributes.statement(
            ctx, provider.options.attributes, person.user_id, person.user, client.application.project_id
        ),
    )
    encrypted = provider.options.encrypt_assertions
    document = response.success(_envelope(ctx, asked), sign_in, provider.options.signed, encrypted=encrypted)
    form = known_format(name.format) or SamlNameFormat.UNSPECIFIED
    told = ToldName(client.id, form.value, name.value)
    joined = participants.joined(ctx, person.session_id, session, client.id, told)
    issued = SamlAssertionIssued(user_id=person.user_id, session_id=person.session_id)
    return _sent(ctx, asked, document, provider, encrypted=encrypted), issued, joined


def is_meant(ctx: Context, wishes: SamlWishes, client: Client, person: Person) -> bool:
    """Core section 3.4.1, ``Subject``: whether somebody has the name that the request asks for, if it has one.

    Nobody is looked for by it, so that nobody finds out by our answers who is known here.
    """
    if not wishes.subject:
        return True
    wanted = NameId(wishes.subject, wishes.subject_format)
    named = Named(person.user_id, person.session_id, person.user)
    return is_name_of(ctx, wanted, _provider(client).metadata.entity_id, named)


def status(asked: AuthRequest, error: OAuthError) -> Status:
    """Why nobody is signed in. Who signed in for the request and is asked for another one is not who is meant."""
    somebody_else = isinstance(error, LoginRequired) and Prompt.NONE not in asked.prompts
    return UNKNOWN_PRINCIPAL if somebody_else else status_of(error)


def _name(ctx: Context, wishes: SamlWishes, provider: SamlProvider, person: Person) -> NameId | None:
    """Core section 8.3.1: where a request leaves it to us, as the application has it."""
    asked, usual = SamlNameFormat(wishes.name_id_format), provider.options.name_id_format
    wanted = usual if asked is SamlNameFormat.UNSPECIFIED else asked
    named = Named(person.user_id, person.session_id, person.user)
    return name_of(ctx, wanted, provider.metadata.entity_id, named)


def _envelope(ctx: Context, asked: AuthRequest) -> response.Envelope:
    issuer = ctx.request.issuer + ENTITY_ID
    return response.Envelope(f"_{ctx.new_id()}", issuer, asked.redirect_uri, _wishes(asked).request_id, ctx.now)


def _sent(
    ctx: Context, asked: AuthRequest, document: Element, provider: SamlProvider, *, encrypted: bool
) -> AuthorizationStep:
    """Bindings section 3.5: a form that the browser posts to the service provider."""
    signer = keys.signer(ctx.load(SIGNING_KEYS, SIGNING_KEYS_ID))
    recipient = provider.metadata.encryption_certificates[0] if encrypted else ""
    text = ctx.ask(WriteXml(document, signer, response.ENCRYPTED if encrypted else "", recipient))
    if text is None:
        raise FailedPrecondition("The application's certificate cannot be encrypted to: it needs one of RSA")
    fields = {"SAMLResponse": base64.b64encode(text.encode()).decode(), "RelayState": asked.state}
    return AuthorizationStep(
        kind=StepKind.FORM_POST,
        redirect_to=asked.redirect_uri,
        fields={name: value for name, value in fields.items() if value},
    )


def _provider(client: Client) -> SamlProvider:
    if client.application.saml is None:
        raise SamlProviderUnknown
    return client.application.saml


def _wishes(asked: AuthRequest) -> SamlWishes:
    if asked.saml is None:
        raise SamlProviderUnknown
    return asked.saml
