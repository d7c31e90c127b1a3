"""The operations of `backchannel_authentication`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.blocking import Calls
from hexkeep.core.backchannelauth import SLICE
from hexkeep.core.backchannelauth.messages import BackchannelRequestList
from hexkeep.core.kernel.operation import Empty

_OPERATIONS = {one.name: one for one in SLICE.operations}


class BackchannelAuthenticationCalls:
    """The operations of `backchannel_authentication`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def list_my_backchannel_requests(self) -> BackchannelRequestList:
        """Tell which applications wait for the caller's answer, and what they ask for.

        Any caller may ask for it. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return self._calls.answer(_OPERATIONS["ListMyBackchannelRequests"], BackchannelRequestList, fields)

    def approve_backchannel_request(self, *, request_id: str) -> None:
        """Let an application have what it asked for.

        The caller has to have signed in lately, in a session (``reauthentication_required``): what a token of an
        application stands for is the session that it came from. ``NotFound`` when nothing waits under this id.

        Any caller may ask for it. The fields are those of `ApproveBackchannelRequest`.
        """
        fields: dict[str, object] = {"request_id": request_id}
        self._calls.answer(_OPERATIONS["ApproveBackchannelRequest"], Empty, fields)

    def deny_backchannel_request(self, *, request_id: str) -> None:
        """Refuse an application what it asked for; it is told so.

        Any caller may ask for it. The fields are those of `DenyBackchannelRequest`.
        """
        fields: dict[str, object] = {"request_id": request_id}
        self._calls.answer(_OPERATIONS["DenyBackchannelRequest"], Empty, fields)
