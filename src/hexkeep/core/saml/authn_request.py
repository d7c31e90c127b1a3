"""Authentication requests (Core section 3.4.1, Profiles section 4.1.4.1)."""

from dataclasses import dataclass, field

from hexkeep.core.saml.bindings import HTTP_POST
from hexkeep.core.saml.errors import SamlProviderUnknown, SamlRequestInvalid
from hexkeep.core.saml.incoming import Head, head_of
from hexkeep.core.saml.name_id import NameId, told_name
from hexkeep.core.saml.response import BEARER
from hexkeep.core.saml.settings import SamlProviderMetadata
from hexkeep.core.saml.xml import Element, saml, samlp

KIND = samlp("AuthnRequest")
_TRUTH = {"": False, "false": False, "0": False, "true": True, "1": True}
MAX_NAMES, MAX_NAME = 20, 320


@dataclass(frozen=True, slots=True)
class AuthnRequest(Head):
    """What a service provider asks for, as it stands in its message."""

    consumer_url: str = ""
    consumer_index: int | None = None
    force_authn: bool = False
    is_passive: bool = False
    name_id_format: str = ""
    sp_name_qualifier: str = ""
    context_names: tuple[str, ...] = ()
    comparison: str = ""
    subject: NameId | None = field(default=None, repr=False)
    """Whom it asks for, ``None`` for whoever comes."""
    unheard: bool = False
    """Whether it asks for somebody otherwise than by a name, or for a proof of another kind."""


def read(root: Element | None) -> AuthnRequest:
    """The request that an element is; raises ``SamlRequestInvalid``."""
    head, root = head_of(root, KIND), root or Element("")
    if root.get("ProtocolBinding") not in {"", HTTP_POST}:
        raise SamlRequestInvalid("Answers are posted: the ProtocolBinding has to be HTTP-POST")
    url, index = root.get("AssertionConsumerServiceURL"), root.get("AssertionConsumerServiceIndex")
    if index and (url or not index.isdecimal() or len(index) > len("65535")):
        raise SamlRequestInvalid("AssertionConsumerServiceIndex and AssertionConsumerServiceURL exclude each other")
    policy = _at_most_one(root, samlp("NameIDPolicy")) or Element("")
    context = _at_most_one(root, samlp("RequestedAuthnContext")) or Element("")
    wanted = _at_most_one(root, saml("Subject"))
    names = tuple(one.text.strip() for one in context.all(saml("AuthnContextClassRef")))
    if len(names) > MAX_NAMES:
        raise SamlRequestInvalid("The RequestedAuthnContext has too many classes")
    return AuthnRequest(
        id=head.id,
        issuer=head.issuer,
        issued_at=head.issued_at,
        destination=head.destination,
        consumer_url=url,
        consumer_index=int(index) if index else None,
        force_authn=_truth(root.get("ForceAuthn")),
        is_passive=_truth(root.get("IsPassive")),
        name_id_format=policy.get("Format"),
        sp_name_qualifier=policy.get("SPNameQualifier"),
        context_names=names if context.name else (),
        comparison=context.get("Comparison"),
        subject=_named(wanted) if wanted is not None else None,
        unheard=(wanted is not None and _named(wanted) is None) or any(context.all(saml("AuthnContextDeclRef"))),
    )


def _named(subject: Element) -> NameId | None:
    """Core sections 2.4.1 and 3.4.1: somebody by a name, to be confirmed by the bearer, as everybody is here."""
    name = subject.one(saml("NameID"))
    others = (one for one in subject.children if one is not name)
    if name is None or not all(_is_bearers(one) for one in others):
        return None
    told = told_name(name)
    return told if 0 < len(told.value) <= MAX_NAME else None


def _is_bearers(one: Element) -> bool:
    return one.name == saml("SubjectConfirmation") and one.get("Method") == BEARER and not one.children


def _at_most_one(root: Element, name: str) -> Element | None:
    """The child element of that name, if there is one: of two wishes none would be met."""
    if len(tuple(root.all(name))) > 1:
        raise SamlRequestInvalid(f"There is more than one {name.rpartition('}')[2]}")
    return root.one(name)


def _truth(text: str) -> bool:
    if text not in _TRUTH:
        raise SamlRequestInvalid("ForceAuthn and IsPassive are true or false")
    return _TRUTH[text]


def consumer_of(request: AuthnRequest, provider: SamlProviderMetadata) -> str:
    """Where the answer goes: a place in the metadata, and no other; raises ``SamlProviderUnknown``.

    Metadata section 2.2.3: without a wish the default one, else the first.
    """
    places = provider.assertion_consumer_services
    if request.consumer_index is not None:
        found = next((one.url for one in places if one.index == request.consumer_index), "")
    elif request.consumer_url:
        found = next((one.url for one in places if one.url == request.consumer_url), "")
    else:
        found = default_consumer(provider)
    if not found:
        raise SamlProviderUnknown("The place for the answer is not in the metadata of the application")
    return found


def default_consumer(provider: SamlProviderMetadata) -> str:
    """Where answers go that nobody has asked for."""
    places = provider.assertion_consumer_services
    return next((one.url for one in places if one.default), places[0].url if places else "")
