"""The callers of the System API, from the settings."""

from types import MappingProxyType

from hexkeep.bootstrap.errors import ConfigurationError, Problem
from hexkeep.bootstrap.settings import Settings, SystemCallerSettings
from hexkeep.core.system_callers import SystemCaller, SystemCallers
from hexkeep.ports.jose import Jose, Jwk

SECTION = "system.callers"


def system_callers(settings: Settings, jose: Jose) -> SystemCallers:
    """Who may call the System API, with their keys read; raises ``ConfigurationError`` with every problem."""
    problems: list[Problem] = []
    found: dict[str, SystemCaller] = {}
    for name, one in settings.system.callers.items():
        public = _public(f"{SECTION}.{name}", one, jose)
        if isinstance(public, Problem):
            problems.append(public)
        else:
            found[name] = SystemCaller(public, frozenset(one.permissions))
    if problems:
        raise ConfigurationError(*problems)
    return SystemCallers(settings.server.origin, MappingProxyType(found))


def _public(place: str, one: SystemCallerSettings, jose: Jose) -> Jwk | Problem:
    setting = f"{place}.{'public_key_file' if one.public_key_file else 'public_key'}"
    try:
        text = one.public_key_file.read_text(encoding="utf-8") if one.public_key_file else one.public_key
    except UnicodeDecodeError:
        text = ""
    except OSError as error:
        return Problem(f"{one.public_key_file} cannot be read: {error.strerror}", setting)
    wanted = "this is not a public key for ES256, RS256 (2048 bits at least) or Ed25519, as PEM or a JWK"
    return jose.public_jwk(text) or Problem(wanted, setting)
