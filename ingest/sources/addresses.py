"""Which network addresses belong to the public internet, and may be fetched from."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address

# Special blocks that `ipaddress` takes, wholly or in part, for global.
_SPECIAL_V4 = tuple(map(IPv4Network, ("100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "224.0.0.0/3")))

# Global unicast is handed out from this block alone. Everything else is local, multicast, reserved or wraps an IPv4
# address (::/96, ::ffff:0:0/96, 64:ff9b::/96), which then decides where the packet really goes.
_GLOBAL_UNICAST_V6 = IPv6Network("2000::/3")
_SPECIAL_V6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))


def is_public(address: str) -> bool:
    """Whether an IP address, in text, is an ordinary public one; False for what is no address at all."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv4Address):
        return ip.is_global and not any(ip in block for block in _SPECIAL_V4)
    if ip.scope_id or ip not in _GLOBAL_UNICAST_V6:
        return False
    return ip.is_global and not any(ip in block for block in _SPECIAL_V6)
