"""How much a node answers, by protocol and status: for monitoring, in memory alone."""

from collections import Counter

from hexkeep.ports.telemetry import Figure, Kind

HTTP = "http"
GRPC = "grpc"
"""Native gRPC on its own port."""
RPC = "rpc"
"""Connect, gRPC-web and native gRPC on the main port: most of their errors have the status 200 in HTTP."""
RPC_STATUS = "hexkeep.rpc_status"
"""Where the state of an ASGI scope has the status that such a call ended with, once it has."""
UNKNOWN = "unknown"
STATUSES = range(100, 600)


class Traffic:
    """Counts what was answered since the start. Statuses are those of HTTP, and the names of gRPC's."""

    def __init__(self) -> None:
        self._answered = Counter[tuple[str, str]]()
        self._seconds = dict[str, float]()

    def count(self, protocol: str, status: str, seconds: float) -> None:
        """One more was answered within so many seconds."""
        self._answered[protocol, status] += 1
        self._seconds[protocol] = self._seconds.get(protocol, 0.0) + seconds

    def count_http(self, status: int, seconds: float, rpc_status: str = "") -> None:
        """The same over HTTP; what was not answered, for the client had left, has no status.

        With an ``rpc_status`` it was a call of ``RPC``.
        """
        if rpc_status:
            self.count(RPC, rpc_status, seconds)
        else:
            self.count(HTTP, str(status) if status in STATUSES else UNKNOWN, seconds)

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
