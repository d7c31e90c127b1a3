"""Messages of ours in the query of a URL (Bindings section 3.4.4)."""

import base64
import zlib
from functools import lru_cache
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree

from hexkeep.adapters.xmlsec.keys import MORE, pem_of
from hexkeep.adapters.xmlsec.parsing import RAW_DEFLATE
from hexkeep.adapters.xmlsec.writing import built
from hexkeep.core.saml.asks import WriteQuery

RSA_SHA256 = f"{MORE}rsa-sha256"


def query(ask: WriteQuery) -> str:
    """The query, in the order of its parameters that signatures want."""
    stream = zlib.compressobj(wbits=RAW_DEFLATE)
    packed = stream.compress(etree.tostring(built(ask.document), encoding="utf-8")) + stream.flush()
    told = {ask.parameter: _text(packed), "RelayState": ask.relay_state, "SigAlg": RSA_SHA256}
    octets = urlencode({name: value for name, value in told.items() if value})
    signature = _key(ask.signer.private).sign(octets.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{octets}&{urlencode({'Signature': _text(signature)})}"


@lru_cache(64)
def _key(private: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem_of(private), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("this is no RSA key")
    return key


def _text(octets: bytes) -> str:
    return base64.b64encode(octets).decode()
