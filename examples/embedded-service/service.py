"""A guest book whose members sign in: a service that has Hexkeep inside itself, and no server beside it.

``python service.py FOLDER`` keeps its data there, lets one member join, sign in and write, and shows the book.
"""

import asyncio
import sys
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue

import hexkeep
from hexkeep.bootstrap.embed import Embedded
from hexkeep.bootstrap.settings import DataSettings, Settings
from hexkeep.core.kernel.errors import AlreadyExists, HexkeepError
from hexkeep.ports.api import Anonymous, Bearer


@dataclass
class GuestBook:
    """The service. Who somebody is, is Hexkeep's business; what they write, its own."""

    iam: Embedded
    entries: list[str] = field(default_factory=list)

    async def join(self, name: str, given_name: str, password: str) -> None:
        """Make a member. The service is the caller here, as the system itself; ``AlreadyExists`` for a taken name."""
        system = await self.iam.client()
        instance = await system.call_json("GetMyInstance", {})
        member: dict[str, JsonValue] = {
            "organization_id": instance["default_organization_id"],
            "user_name": name,
            "given_name": given_name,
            "email": f"{name}@example.com",
            "password": password,
        }
        await system.call_json("CreateHumanUser", member)

    async def sign_in(self, name: str, password: str) -> str:
        """A token for a member, good until it is ended or too old; ``Unauthenticated`` when the two do not fit."""
        nobody = await self.iam.client(Anonymous())
        session = await nobody.call_json("CreateSession", {"login_name": name, "password": password})
        return str(session["session_token"])

    async def write(self, token: str, text: str) -> None:
        """Add an entry in the name of whoever holds the token; ``Unauthenticated`` for any other token."""
        member = await self.iam.client(Bearer(token))
        me = await member.call_json("GetMyUser", {})
        self.entries.append(f"{me['display_name']}: {text}")


async def main(folder: Path) -> None:
    """One evening."""
    settings = Settings(data=DataSettings(folder=folder))
    async with hexkeep.open(settings) as iam:
        if iam.first_run:
            print(f"set up: the administrator is {iam.first_run.user_name}")
        book = GuestBook(iam)
        try:
            await book.join("ada", "Ada", "a long enough password")
        except AlreadyExists:
            print("ada is a member already")
        token = await book.sign_in("ada", "a long enough password")
        await book.write(token, "what a lovely evening")
        try:
            await book.write("not a token", "boo")
        except HexkeepError as error:
            print(f"refused: {error.code}")
        print(*book.entries, sep="\n")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
