"""lxml and xmlsec behind the port. They are imported with the first document, and work in threads."""

import asyncio

from hexkeep.core.kernel.ask import KeyPair
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.saml.asks import NewCertifiedKey, ReadXml, VerifyOctets, VerifyXml, WriteQuery, WriteXml
from hexkeep.core.saml.xml import Element


class LxmlXml:
    """The port ``xml.Xml``."""

    async def read(self, ask: ReadXml) -> Element | None:
        """See the port."""
        try:
            from hexkeep.adapters.xmlsec.parsing import read
        except ImportError as error:
            raise _missing() from error
        return await asyncio.to_thread(read, ask)

    async def verify(self, ask: VerifyXml) -> Element | None:
        """See the port."""
        try:
            from hexkeep.adapters.xmlsec.verifying import verified
        except ImportError as error:
            raise _missing() from error
        return await asyncio.to_thread(verified, ask)

    async def verify_octets(self, ask: VerifyOctets) -> bool:
        """See the port. An RSA signature is verified in less time than a thread takes."""
        from hexkeep.adapters.xmlsec.keys import octets_verified

        return octets_verified(ask)

    async def write(self, ask: WriteXml) -> str | None:
        """See the port."""
        try:
            from hexkeep.adapters.xmlsec.writing import written
        except ImportError as error:
            raise _missing() from error
        return await asyncio.to_thread(written, ask)

    async def query(self, ask: WriteQuery) -> str:
        """See the port."""
        try:
            from hexkeep.adapters.xmlsec.query import query
        except ImportError as error:
            raise _missing() from error
        return await asyncio.to_thread(query, ask)

    async def new_key(self, ask: NewCertifiedKey) -> KeyPair:
        """See the port."""
        from hexkeep.adapters.xmlsec.keys import new_key

        return await asyncio.to_thread(new_key, ask)


def _missing() -> FailedPrecondition:
    return FailedPrecondition("SAML needs more libraries here: pip install 'hexkeep[saml]'")
