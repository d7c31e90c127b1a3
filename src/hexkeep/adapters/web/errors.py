"""Errors that only pages know; they extend the one tree as protocol errors do."""

from hexkeep.core.kernel.errors import PermissionDenied


class FormRefused(PermissionDenied):
    """A form that did not come from our own page in this browser."""

    code = "form_refused"
    title = "The form did not come from our own page in this browser"


class InsecureTransport(PermissionDenied):
    """A page was asked for over plain HTTP, where its cookies would neither be kept nor be safe.

    ``alternative`` is an origin of the same server that browsers trust, empty when none is known.
    """

    code = "insecure_transport"
    title = "The connection is not secure"
    advice = "When TLS ends at a proxy, list it among the trusted proxies and let it tell the scheme"

    def __init__(self, alternative: str = "") -> None:
        super().__init__(self.title if alternative else self.advice)
        self.alternative = alternative
