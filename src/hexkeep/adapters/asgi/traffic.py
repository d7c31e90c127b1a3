"""How much a node answers, by protocol and status: for monitoring, in memory alone."""

from collections import Counter

from hexkeep.ports.telemetry import Figure, Kind

HTTP = "http"
GRPC = "grpc"
"""Native gRPC on its own port."""
RPC = "rpc"
"""Connect, gRPC-web and native gRPC on the main port: most of their errors have the status 200 in HTTP."""
SOAP = "soap"
"""SOAP 1.1: whoever's fault an error is, it has the status 500 in HTTP (section 6.2)."""
Outcome = tuple[str, str]
"""A protocol, and the status that something ended with in it."""
OUTCOME = "hexkeep.outcome"
"""Where the state of an ASGI scope has that for requests of which the status of HTTP tells less."""
UNKNOWN = "unknown"
STATUSES = range(100, 600)


class Traffic:
    """Counts what was answered since the start.

    Statuses are those of HTTP, the names of gRPC's, and the codes of SOAP's faults, of which ``Server`` alone is ours.
    """

    def __init__(self) -> None:
        self._answered = Counter[tuple[str, str]]()
        self._seconds = dict[str, float]()

    def count(self, protocol: str, status: str, seconds: float) -> None:
        """One more was answered within so many seconds."""
        self._answered[protocol, status] += 1
        self._seconds[protocol] = self._seconds.get(protocol, 0.0) + seconds

    def count_http(self, status: int, seconds: float, outcome: Outcome | None = None) -> None:
        """The same over HTTP, as its ``outcome`` if there is one; what its client has left unanswered has no status."""
        protocol, ended = outcome or (HTTP, str(status) if status in STATUSES else UNKNOWN)
        self.count(protocol, ended, seconds)

    def figures(self) -> list[Figure]:
        """The numbers, those of one name next to each other."""
        answered = "Requests and calls that were answered"
        spent = "Seconds that requests and calls took, streams among them"
        return [
            *(
                Figure("requests", Kind.COUNTER, answered, count, (("protocol", protocol), ("status", status)))
                for (protocol, status), count in sorted(self._answered.items())
            ),
            *(
                Figure("request_seconds", Kind.COUNTER, spent, seconds, (("protocol", protocol),))
                for protocol, seconds in sorted(self._seconds.items())
            ),
        ]
