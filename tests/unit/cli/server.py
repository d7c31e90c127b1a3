"""A real `hexkeep serve` in the present folder."""

import http.client
import json
import os
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.processes import PROGRAM, process

STARTING = 120.0
"""Seconds that a start, an answer or an end may take on a machine that is busy with other things."""
TIMEOUT = 300
"""Seconds for a test with a server: it must not end before the server had its time."""


class Server:
    """A real ``hexkeep serve`` on a free port, in the present folder; the ``script`` itself where that matters."""

    def __init__(self, *words: str, script: bool = False) -> None:
        words, pipe = ("serve", "--port", "0", *words), subprocess.PIPE
        self.process: subprocess.Popen[str]
        if script:
            self.process = subprocess.Popen([PROGRAM, *words], stdout=pipe, stderr=pipe, text=True)
        else:
            self.process = process(*words, env=dict(os.environ), stdout=pipe, stderr=pipe, text=True)
        self.said = ""
        self.port = 0

    def wait_until_it_serves(self) -> int:
        """The port, once it is told."""
        assert self.process.stdout is not None
        too_late = threading.Timer(STARTING, self.process.kill)  # which ends what it says
        too_late.start()
        try:
            while "Ctrl-C" not in self.said:
                line = self.process.stdout.readline()
                assert line, self.said + self.process.communicate()[1]
                self.said += line
        finally:
            too_late.cancel()
        return int(self.said.partition("serves on http://localhost:")[2].partition("\n")[0])

    @property
    def password(self) -> str:
        """The first administrator's, as it was printed."""
        found = re.search(r"Password\s+(\S+)", self.said)
        assert found is not None, self.said
        return found[1]

    def post(self, port: int, path: str, fields: Mapping[str, object], token: str = "") -> dict[str, Any]:
        """The answer to a request that succeeds; raises ``OSError`` or ``HTTPException`` where there is none."""
        connection = http.client.HTTPConnection("localhost", port, timeout=STARTING)
        headers = {"content-type": "application/json", **({"authorization": f"Bearer {token}"} if token else {})}
        try:
            connection.request("POST", path, json.dumps(fields), headers)
            response = connection.getresponse()
            answer: dict[str, Any] = json.loads(response.read())
            assert response.status == http.client.CREATED, answer
        finally:
            connection.close()
        return answer

    def sign_in(self, port: int) -> str:
        """A session token of the first administrator."""
        opened = self.post(port, "/auth/v1/sessions", {"login_name": "admin", "password": self.password})
        return str(opened["session_token"])

    def get(self, port: int, path: str) -> tuple[int, bytes]:
        """Status and body of a path."""
        connection = http.client.HTTPConnection("localhost", port, timeout=STARTING)
        connection.request("GET", path)
        response = connection.getresponse()
        answer = response.status, response.read()
        connection.close()
        return answer


@contextmanager
def serving(*words: str, script: bool = False) -> Iterator[tuple[Server, int]]:
    """A server that serves, and is gone afterwards."""
    server = Server(*words, script=script)
    try:
        yield server, server.wait_until_it_serves()
    finally:
        server.process.kill()
        server.process.communicate()
