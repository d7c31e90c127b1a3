"""The operations of instance settings."""

from collections.abc import Callable

from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, I, Method, O, Operation
from hexkeep.core.kernel.permission import PUBLIC
from hexkeep.core.setting import commands, queries

SETTINGS = "/admin/v1/settings"
DOMAINS = f"{SETTINGS}/trusted-domains"
LINKS = f"{SETTINGS}/link-origin"


def _change(
    name: str, input_: type[I], handle: Callable[[I, Context], Decision[Empty]], method: Method, path: str
) -> Operation[I, Empty]:
    http = Http(method, path, 201 if method is Method.POST else 200)
    return Operation(name, ApiName.ADMIN, input_, Empty, "instance.write", handle, http)


def _read(
    name: str, output: type[O], handle: Callable[[Empty, Context], Decision[O]], path: str
) -> Operation[Empty, O]:
    return Operation(name, ApiName.ADMIN, Empty, output, "instance.read", handle, Http(Method.GET, path), writes=False)


OPERATIONS: tuple[AnyOperation, ...] = (
    _read("GetInstanceSettings", queries.InstanceSettings, queries.get_instance_settings, SETTINGS),
    _change(
        "SetDefaultLanguage",
        commands.SetDefaultLanguage,
        commands.set_default_language,
        Method.PUT,
        f"{SETTINGS}/default-language",
    ),
    _change(
        "SetRestrictions", commands.SetRestrictions, commands.set_restrictions, Method.PUT, f"{SETTINGS}/restrictions"
    ),
    _read("ListTrustedDomains", queries.TrustedDomains, queries.list_trusted_domains, DOMAINS),
    _change("AddTrustedDomain", commands.AddTrustedDomain, commands.add_trusted_domain, Method.POST, DOMAINS),
    _change(
        "RemoveTrustedDomain", commands.RemoveTrustedDomain, commands.remove_trusted_domain, Method.DELETE, DOMAINS
    ),
    _change("SetLinkOrigin", commands.SetLinkOrigin, commands.set_link_origin, Method.PUT, LINKS),
    _change("ResetLinkOrigin", commands.ResetLinkOrigin, commands.reset_link_origin, Method.DELETE, LINKS),
    Operation(
        "ListSupportedLanguages",
        ApiName.AUTH,
        Empty,
        queries.SupportedLanguages,
        PUBLIC,
        queries.list_supported_languages,
        Http(Method.GET, "/auth/v1/languages"),
        writes=False,
    ),
)
"""All of them."""
