"""The page of all errors."""

import importlib
import pkgutil
from collections.abc import Iterator

import hexkeep
from hexkeep.bootstrap.reference.table import table
from hexkeep.core.kernel.errors import HexkeepError, all_errors

RINGS = ("core", "ports", "engine", "adapters")
"""Where errors are defined that may reach a caller."""

INTRODUCTION = """\
<!-- Made by `python -m hexkeep.bootstrap.reference`; edit the docstrings of the error classes instead. -->

# Errors

Every error has a code that never changes. REST answers with problem details (RFC 9457): `code` is the code here and
`type` is `urn:hexkeep:error:<code>`. The endpoints of OAuth and OpenID Connect answer with the `error` of their RFC.
"""


def errors_page() -> str:
    """Every error of the product with its code, its statuses and its meaning."""
    head = ("Code", "HTTP", "gRPC", "OAuth `error`", "Meaning")
    return f"{INTRODUCTION}\n{table(head, (_row(error) for error in sorted(product_errors(), key=_place)))}"


def product_errors() -> Iterator[type[HexkeepError]]:
    """The errors of all rings, each once, in no order; their modules are imported for that."""
    for ring in RINGS:
        package = importlib.import_module(f"{hexkeep.__name__}.{ring}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    homes = tuple(f"{hexkeep.__name__}.{ring}." for ring in RINGS)
    return (error for error in set(all_errors()) if error is not HexkeepError and error.__module__.startswith(homes))


def _place(error: type[HexkeepError]) -> tuple[int, str]:
    return error.status, error.code


def _row(error: type[HexkeepError]) -> tuple[str, ...]:
    wire = getattr(error, "error", "")
    meaning = (error.__doc__ or "").strip().partition("\n\n")[0].replace("``", "`")
    return f"`{error.code}`", str(error.status), f"`{error.rpc}`", f"`{wire}`" if wire else "", meaning
