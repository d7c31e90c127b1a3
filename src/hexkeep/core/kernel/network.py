"""What stands for whoever calls from a network address, where attempts are counted."""

import ipaddress

IPV6_PREFIX = 64
"""One IPv6 subscriber has at least this network, and so any number of addresses in it (RFC 6177)."""


def network(address: str) -> str:
    """What stands for whoever calls from an address: the address itself, of IPv6 its network; empty when not known."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, IPV6_PREFIX), strict=False))
