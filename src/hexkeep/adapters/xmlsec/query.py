"""Messages of ours in the query of a URL (Bindings section 3.4.4)."""

import base64
import zlib
from urllib.parse import urlencode

from lxml import etree

from hexkeep.adapters.xmlsec.keys import RSA_SHA256, signature
from hexkeep.adapters.xmlsec.parsing import RAW_DEFLATE
from hexkeep.adapters.xmlsec.writing import built
from hexkeep.core.saml.asks import WriteQuery


def query(ask: WriteQuery) -> str:
    """The query, in the order of its parameters that signatures want."""
    stream = zlib.compressobj(wbits=RAW_DEFLATE)
    packed = stream.compress(etree.tostring(built(ask.document), encoding="utf-8")) + stream.flush()
    told = {ask.parameter: _text(packed), "RelayState": ask.relay_state, "SigAlg": RSA_SHA256}
    octets = urlencode({name: value for name, value in told.items() if value})
    return f"{octets}&{urlencode({'Signature': _text(signature(ask.signer.private, octets.encode()))})}"


def _text(octets: bytes) -> str:
    return base64.b64encode(octets).decode()
