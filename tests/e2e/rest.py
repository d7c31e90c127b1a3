"""The administrator at work over REST: what an application needs before anybody can sign in to it."""

from dataclasses import dataclass, field
from functools import cached_property
from secrets import randbelow
from typing import Any, Self

import httpx

from hexkeep.client.positions import HEADER
from tests.e2e.server import ANSWERING, HexkeepServer

MANAGEMENT = "/management/v1"
ROLE = "editor"


@dataclass(frozen=True, slots=True)
class Person:
    """A human user and what proves it."""

    user_id: str
    user_name: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client presents; a public client has no secret."""

    client_id: str
    client_secret: str = field(default="", repr=False)


class Rest:
    """A signed-in caller. Every secret that is sent or comes back is noted with the server.

    So is where the logs stood after what any of a server's callers wrote: whatever is read later shows it.
    """

    def __init__(self, server: HexkeepServer, token: str = "", *, host: str = "") -> None:
        self._server = server
        headers = {**({"authorization": f"Bearer {token}"} if token else {}), **({"host": host} if host else {})}
        self._http = httpx.Client(base_url=server.origin, headers=headers, trust_env=False, timeout=ANSWERING)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connection back."""
        self._http.close()

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request, whatever its outcome."""
        if method == "GET" and (known := str(self._server.positions)):
            options["headers"] = {HEADER: known, **options.get("headers", {})}
        response = self._http.request(method, path, **options)
        self._server.positions.note(response.headers.get(HEADER, ""))
        return response

    def post(self, path: str, **fields: object) -> dict[str, Any]:
        """The answer to a request that succeeds."""
        return self._answer(self.send("POST", path, json=fields))

    def get(self, path: str) -> dict[str, Any]:
        """The same for reading."""
        return self._answer(self.send("GET", path))

    def sign_in(self, user_name: str, password: str) -> str:
        """A session token (``CreateSession``); this caller is that user from now on."""
        self._server.secrets.add(password)
        opened = self.post("/auth/v1/sessions", login_name=user_name, password=password)
        token: str = opened["session_token"]
        self._http.headers["authorization"] = f"Bearer {token}"
        return token

    def _answer(self, response: httpx.Response) -> dict[str, Any]:
        assert response.is_success, response.text
        answer: dict[str, Any] = response.json() if response.content else {}
        self._server.secrets |= {str(answer[name]) for name in ("session_token", "client_secret") if answer.get(name)}
        return answer


class World:
    """An instance with an organization, a project with a role, and ada, who has that role."""

    def __init__(self, server: HexkeepServer, rest: Rest) -> None:
        self.server = server
        self.rest = rest
        self.rest.sign_in(server.administrator.user_name, server.administrator.password)
        self.organization_id: str = self.rest.get("/auth/v1/me")["organization_id"]
        self.project_id: str = self.rest.post(
            f"{MANAGEMENT}/projects", organization_id=self.organization_id, name="Shop"
        )["project_id"]
        self.rest.post(f"{MANAGEMENT}/projects/{self.project_id}/roles", key=ROLE)
        self.ada = self.person("ada")
        self.rest.post(
            f"{MANAGEMENT}/authorizations", user_id=self.ada.user_id, project_id=self.project_id, roles=[ROLE]
        )

    @cached_property
    def ada_session(self) -> str:
        """The token of a session that ada has signed in to: one for all, for sign-ins are counted."""
        fields = {"login_name": self.ada.user_name, "password": self.ada.password}
        token: str = self.rest.post("/auth/v1/sessions", **fields)["session_token"]
        return token

    def organization(self, name: str) -> str:
        """The id of a new organization."""
        created = self.rest.post("/admin/v1/organizations", name=name)
        organization_id: str = created["organization_id"]
        return organization_id

    def person(self, user_name: str, organization_id: str = "") -> Person:
        """A new human user, of another organization if one is named."""
        password = f"{randbelow(10**20):020}"  # letters might spell the name, which no password may contain
        self.server.secrets.add(password)
        created = self.rest.post(
            f"{MANAGEMENT}/users/human",
            organization_id=organization_id or self.organization_id,
            user_name=user_name,
            given_name=user_name.title(),
            family_name="Lovelace",
            email=f"{user_name}@example.com",
            email_verified=True,
            password=password,
        )
        return Person(created["user_id"], user_name, password)

    def machine(self, user_name: str) -> Credentials:
        """A new machine user with a client secret."""
        users = f"{MANAGEMENT}/users"
        created = self.rest.post(f"{users}/machine", organization_id=self.organization_id, user_name=user_name)
        user_id: str = created["user_id"]
        return Credentials(user_id, self.rest.post(f"{users}/{user_id}/client-secret")["client_secret"])

    def application(self, *redirect_uris: str, kind: str = "web", **settings: object) -> Credentials:
        """A new OIDC application."""
        made = self.rest.post(
            f"{MANAGEMENT}/applications/oidc",
            project_id=self.project_id,
            name=f"Shop front ({kind})",
            application_type=kind,
            redirect_uris=redirect_uris,
            **settings,
        )
        return Credentials(made["client_id"], made["client_secret"])
