"""The scripts of our pages: within the page, and allowed by their hash alone (CSP 3 section 2.3.1)."""

import base64
import hashlib
from importlib import resources

from markupsafe import Markup


class Script:
    """A file of ``static`` as it stands in pages."""

    def __init__(self, name: str) -> None:
        content = resources.files("hexkeep.adapters.web").joinpath("static", name).read_text()
        self.markup = Markup(content)  # noqa: S704 - a file of this package
        digest = hashlib.sha256(content.encode()).digest()
        self.source = f"'sha256-{base64.b64encode(digest).decode()}'"
        """What the policy of a page with it allows."""


PASSKEY = "passkey.js"
"""Asks the browser for a passkey when its form is sent. Without script the form is not shown."""
FORM_POST = "form_post.js"
"""Sends the form that brings an answer to an application. Without script its button does."""
SIGNING_OUT = "signing_out.js"
"""Goes on once the applications' pages have loaded, or after a while. Without script there is a link."""
ONWARD = "onward.js"
"""Goes to the next service provider, so that the page can be come back to. Without script there is a link or button."""
CHECK_SESSION = "check_session.js"
"""Tells applications' pages whether the browser's state is what it was (OIDC Session Management 1.0 section 3.2)."""
SCRIPTS = (PASSKEY, FORM_POST, SIGNING_OUT, ONWARD)
