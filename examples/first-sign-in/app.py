"""An application that leaves the signing in to Hexkeep: Flask, and Authlib as the OpenID Connect client."""

import os

from authlib.integrations.flask_client import OAuth
from flask import Flask, abort, redirect, session, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

app = Flask(__name__)
app.secret_key = os.urandom(32)

hexkeep = OAuth(app).register(
    "hexkeep",
    server_metadata_url=f"{os.environ['ISSUER']}/.well-known/openid-configuration",
    client_id=os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256"},
)


@app.get("/")
def home() -> Markup:
    """Who is signed in, if anybody."""
    person = session.get("person")
    if person is None:
        return Markup('<a href="/sign-in">Sign in</a>')
    return Markup('<h1>Hello {}</h1><p>{}</p><a href="/sign-out">Sign out</a>').format(person["name"], person["email"])


@app.get("/sign-in")
def sign_in() -> Response:
    """Send the browser to Hexkeep, with a fresh state, nonce and code challenge."""
    return hexkeep.authorize_redirect(url_for("back", _external=True))


@app.get("/back")
def back() -> Response:
    """Exchange the code for tokens, check the ID token, ask who it is about, and remember that."""
    token = hexkeep.authorize_access_token()
    person = hexkeep.userinfo(token=token)
    if person["sub"] != token["userinfo"]["sub"]:
        abort(400)  # an answer about somebody else (OpenID Connect Core 1.0 section 5.3.2)
    session["person"] = {"name": person["name"], "email": person["email"]}
    session["id_token"] = token["id_token"]
    return redirect("/")


@app.get("/sign-out")
def sign_out() -> Response:
    """Sign out here and there (OpenID Connect RP-Initiated Logout 1.0)."""
    hint = session.pop("id_token", "")
    session.clear()
    return hexkeep.logout_redirect(url_for("home", _external=True), id_token_hint=hint)
