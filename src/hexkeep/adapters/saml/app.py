"""The ASGI application of SAML, at the paths that its metadata names."""

from hexkeep.adapters.asgi.router import Route, Router
from hexkeep.adapters.saml.elsewhere import ProviderLogout
from hexkeep.adapters.saml.logout import POSTED as POSTED_LOGOUT
from hexkeep.adapters.saml.logout import SingleLogout
from hexkeep.adapters.saml.metadata import MetadataEndpoint
from hexkeep.adapters.saml.pages import Pages
from hexkeep.adapters.saml.sign_on import POSTED, SingleSignOn
from hexkeep.adapters.saml.soap import LogoutBySoap, fault
from hexkeep.core.saml.entity_id import ENTITY_ID
from hexkeep.core.saml.idp_metadata import SLO, SLO_SOAP, SSO
from hexkeep.core.saml.party import LOGOUT, LOGOUT_BY_SOAP, METADATA
from hexkeep.ports.api import Api

SEGMENTS = ("saml",)
"""The first segments of our paths."""
BEGIN = "/saml/begin"
"""Where people begin a sign-in to an application that has not asked for it."""


def create_saml_app(api: Api, pages: Pages) -> Router:
    """SAML for every instance of ``api``; the ``Host`` header tells which. ``pages`` is for people."""
    sign_on, logout = SingleSignOn(api, pages), SingleLogout(api, pages)
    metadata, elsewhere, by_soap = MetadataEndpoint(api), ProviderLogout(api, pages), LogoutBySoap(api)
    return Router(
        {
            ENTITY_ID: Route({"GET": metadata.show}, pages.error),
            SSO: Route({"GET": sign_on.redirected, "POST": sign_on.posted}, pages.error, head=False),
            POSTED: Route({"GET": sign_on.hopped}, pages.error, head=False),
            SLO: Route({"GET": logout.redirected, "POST": logout.posted}, pages.error, head=False),
            POSTED_LOGOUT: Route({"GET": logout.hopped}, pages.error, head=False),
            SLO_SOAP: Route({"POST": by_soap.asked}, fault, head=False),
            BEGIN: Route({"GET": sign_on.begin}, pages.error, head=False),
        },
        pages.error,
        {
            METADATA: Route({"GET": metadata.show_party}, pages.error),
            LOGOUT: Route({"GET": elsewhere.redirected, "POST": elsewhere.posted}, pages.error, head=False),
            LOGOUT_BY_SOAP: Route({"POST": by_soap.asked_elsewhere}, fault, head=False),
        },
    )
