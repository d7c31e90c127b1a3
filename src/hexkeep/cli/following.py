"""`hexkeep call --follow`: a streaming operation as lines that come as things happen, until it is interrupted."""

import asyncio
import json
import sys
from collections.abc import Callable, Mapping
from contextlib import aclosing

from pydantic import JsonValue

from hexkeep.bootstrap.embed import Embedded, running
from hexkeep.bootstrap.settings import Settings
from hexkeep.cli.calling import NEEDS_TOKEN, Place, program_of, serving_at
from hexkeep.cli.remote import Server
from hexkeep.core.kernel.errors import FailedPrecondition, Unauthenticated
from hexkeep.core.kernel.operation import AnyOperation
from hexkeep.core.kernel.permission import PUBLIC

Tell = Callable[[JsonValue], None]


def print_line(item: JsonValue) -> None:
    """One line of JSON, out at once, so that what reads it does not wait for more."""
    sys.stdout.write(json.dumps(item, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def follow(
    settings: Settings, place: Place, operation: AnyOperation, fields: dict[str, JsonValue], tell: Tell = print_line
) -> None:
    """Tell of each item as it comes, from the server or from the storage; ends by an error or an interruption."""
    server = serving_at(settings, place)
    if server is None:
        asyncio.run(_local(settings, operation, fields, place.instance, tell))
    else:
        _remote(server, operation, fields, place.token, tell)


def _remote(server: Server, operation: AnyOperation, fields: dict[str, JsonValue], token: str, tell: Tell) -> None:
    """A stream that ends without an error is taken up again where it was."""
    if operation.http is None:
        raise FailedPrecondition(f"{operation.name} is not offered over REST; stop the server and call it --local")
    if not token and operation.permission != PUBLIC:
        raise Unauthenticated(NEEDS_TOKEN.format(origin=server.origin))
    while True:
        for cursor, page in server.events(operation.http, fields, token):
            fields["cursor"] = cursor
            _tell_all(operation, page, tell)


async def _local(
    settings: Settings, operation: AnyOperation, fields: dict[str, JsonValue], instance: str, tell: Tell
) -> None:
    program = program_of(settings)
    async with running(program) as iam:
        client = await Embedded(program, iam).client(instance=instance)
        while True:
            async with aclosing(client.stream_json(operation.name, fields)) as pages:
                async for page in pages:
                    fields["cursor"] = page["next_cursor"]
                    _tell_all(operation, page, tell)


def _tell_all(operation: AnyOperation, page: Mapping[str, JsonValue], tell: Tell) -> None:
    items = page.get(operation.items)
    for item in items if isinstance(items, list) else ():
        tell(item)
