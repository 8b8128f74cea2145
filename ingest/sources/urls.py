"""Addresses as names of articles: one spelling for one page."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}

# Parameters that say how a reader came to the page, never which page it is.
_TRACKING_PREFIXES = ("utm_", "at_", "ns_", "mtm_", "pk_", "hsa_", "guce_")
_TRACKING = frozenset(
    "_ga _gl _hsenc _hsmi cmp cmpid dclid fbclid ftag gbraid gclid gclsrc guccounter icid igshid mc_cid mc_eid mkt_tok "
    "msclkid ncid ocid ref_src ref_url s_cid smid smtyp spm sr_share srnd twclid vero_id wbraid wt.mc_id xtor "
    "yclid".split()
)
_SPACE_OR_CONTROL = re.compile(r"[\s\x00-\x1f\x7f]")
_HOST = re.compile(r"[^\s/?#@\\<>\"^`{|}%]+")


def canonical_url(url: str) -> str:
    """The one spelling of a page's address, or "" for what is not an http(s) address.

    Scheme and host in lower case; default port, fragment, user name and tracking parameters off; the rest as it was.
    """
    parts = _split(url)
    if parts is None or parts.hostname is None:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = parts.port
    netloc = host if port in (None, _DEFAULT_PORTS[parts.scheme]) else f"{host}:{port}"
    query = "&".join(pair for pair in parts.query.split("&") if pair and not _is_tracking(pair))
    return urlunsplit((parts.scheme, netloc, parts.path or "/", query, ""))


def source_from_url(url: str) -> str:
    """The host that published a page, without "www.", or "" where the address has none."""
    parts = _split(url)
    return "" if parts is None or parts.hostname is None else parts.hostname.removeprefix("www.")


def is_same_site(url: str, other: str) -> bool:
    """Whether one address's host is the other's, or a part of it (m.example.org and www.example.org of example.org)."""
    first, second = (re.sub(r"^(?:amp|m|mobile)\.(?=.*\.)", "", source_from_url(u)) for u in (url, other))
    return bool(first and second) and (first == second or first.endswith(f".{second}") or second.endswith(f".{first}"))


def _split(url: str) -> SplitResult | None:
    text = _SPACE_OR_CONTROL.sub(lambda match: quote(match[0]) if match[0] == " " else "", url.strip())
    try:
        text.encode("utf-8")
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not host or not _HOST.fullmatch(host):
        return None
    return parts


def _is_tracking(pair: str) -> bool:
    name = pair.partition("=")[0].lower()
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)
