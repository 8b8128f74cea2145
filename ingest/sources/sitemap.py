"""Sitemaps: the addresses of a site's pages, and of further sitemaps."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree

from ingest.errors import SourceError
from ingest.sources.urls import canonical_url


@dataclass(frozen=True, slots=True)
class Sitemap:
    """What one sitemap lists, in its order.

    pages: addresses of pages.
    sitemaps: addresses of further sitemaps; only an index has them.
    """

    pages: tuple[str, ...]
    sitemaps: tuple[str, ...]


def read_sitemap(content: str) -> Sitemap:
    """The addresses in a sitemap, or in an index of sitemaps; `content` is from `feed.decode_xml`.

    Raises:
        SourceError: it is not well-formed XML.
    """
    try:
        root = ElementTree.fromstring(content.encode("utf-8", "replace"), ElementTree.XMLParser(encoding="utf-8"))
    except ElementTree.ParseError as error:
        raise SourceError(f"the sitemap is broken XML ({error})") from error
    return Sitemap(_locations(root, "url"), _locations(root, "sitemap"))


def is_sitemap(content: str) -> bool:
    """Whether an XML document is a sitemap, by its first element."""
    head = content[:4096]
    return "<urlset" in head or "<sitemapindex" in head


def _locations(root: ElementTree.Element, kind: str) -> tuple[str, ...]:
    """The distinct addresses that the root's children of one kind give."""
    urls = (
        canonical_url(location.text or "")
        for entry in root.iterfind(f"{{*}}{kind}")
        for location in entry.iterfind("{*}loc")
    )
    return tuple(dict.fromkeys(url for url in urls if url))
