"""Which addresses are the outside (IANA special-purpose registries, RFC 6890; OWASP on SSRF)."""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""RFC 6052: IPv4 addresses in the last 32 bits, reached through a translator."""
COMPATIBLE = ipaddress.IPv6Network("::/96")
"""RFC 4291 §2.5.5.1, deprecated: an IPv4 address behind zeros."""
ALSO_CLOSED = tuple(
    map(
        ipaddress.ip_network,
        (
            "100.64.0.0/10",  # RFC 6598, shared by carriers; some clouds have their metadata here
            "192.0.0.0/24",  # RFC 6890, protocol assignments
            "192.88.99.0/24",  # RFC 7526, 6to4 relays
            "168.63.129.16/32",  # a public address at which one cloud serves machines their secrets
            "64:ff9b:1::/48",  # RFC 8215, translators of one's own; which bits are the address only they know
            "fec0::/10",  # RFC 3879, site-local
            "fc00::/7",  # RFC 4193, unique local
        ),
    )
)
"""What the standard library might call global."""


def is_outside(address: Address) -> bool:
    """Whether ``address`` is a public unicast address, whichever way an IPv4 address is written inside of it."""
    inner = embedded(address)
    if inner is not None:
        return is_outside(inner)
    if any(address in network for network in ALSO_CLOSED if network.version == address.version):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def embedded(address: Address) -> Address | None:
    """The IPv4 address that an IPv6 address stands for, or ``None``."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    found = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
    if found is None and (address in COMPATIBLE or address in NAT64):
        found = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return found
