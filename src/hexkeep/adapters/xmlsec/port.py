"""lxml and xmlsec behind the port, beside the event loop: what strangers have written is read nowhere else."""

import asyncio

from hexkeep.core.kernel.ask import KeyPair
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.saml.asks import NewCertifiedKey, ReadXml, VerifyOctets, VerifyXml, WriteQuery, WriteXml
from hexkeep.core.saml.xml import Element
from hexkeep.ports.offload import Offload


class LxmlXml:
    """The port ``xml.Xml``. Libraries are imported with the first document."""

    def __init__(self, offload: Offload) -> None:
        self._offload = offload

    async def read(self, ask: ReadXml) -> Element | None:
        """See the port."""
        try:
            from hexkeep.adapters.xmlsec.parsing import read
        except ImportError as error:
            raise _missing() from error
        return await self._offload.run(read, ask)

    async def verify(self, ask: VerifyXml) -> Element | None:
        """See the port."""
        try:
            from hexkeep.adapters.xmlsec.verifying import verified
        except ImportError as error:
            raise _missing() from error
        return await self._offload.run(verified, ask)

    async def verify_octets(self, ask: VerifyOctets) -> bool:
        """See the port. An RSA signature is verified in less time than the way there takes."""
        from hexkeep.adapters.xmlsec.keys import octets_verified

        return octets_verified(ask)

    async def write(self, ask: WriteXml) -> str | None:
        """See the port."""
        try:
            from hexkeep.adapters.xmlsec.writing import written
        except ImportError as error:
            raise _missing() from error
        return await self._offload.run(written, ask)

    async def query(self, ask: WriteQuery) -> str:
        """See the port."""
        try:
            from hexkeep.adapters.xmlsec.query import query
        except ImportError as error:
            raise _missing() from error
        return await self._offload.run(query, ask)

    async def new_key(self, ask: NewCertifiedKey) -> KeyPair:
        """See the port. It is made in a thread: Python's lock is free meanwhile."""
        from hexkeep.adapters.xmlsec.keys import new_key

        return await asyncio.to_thread(new_key, ask)


def _missing() -> FailedPrecondition:
    return FailedPrecondition("SAML needs more libraries here: pip install 'hexkeep[saml]'")
