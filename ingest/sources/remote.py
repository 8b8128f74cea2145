"""What an address turns out to be: one article's page, a feed, or a sitemap of pages."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ingest.errors import SourceError
from ingest.records import Article, Rejected
from ingest.sources.bounded import MAX_ARTICLE_BYTES, gunzip, read_whole
from ingest.sources.decode import decode
from ingest.sources.feed import decode_xml, read_feed
from ingest.sources.html import read_html
from ingest.sources.pdf import read_pdf
from ingest.sources.sitemap import is_sitemap, read_sitemap
from ingest.sources.text import read_text
from ingest.sources.urls import canonical_url, source_from_url
from ingest.sources.web import Page, fetch, split_content_type

MAX_SITEMAPS = 100  # read for one address
MAX_SITEMAP_BYTES = 50_000_000  # the most that the sitemap protocol allows
MAX_SITEMAP_PAGES = 50_000  # likewise

_XML_ROOT = re.compile(
    rb"\A[\xef\xbb\xbf\xff\xfe]*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>]*>|\s)*+<(?:\w+:)?(?:rss|feed|RDF|urlset|sitemapindex)\b",
    re.S | re.I,
)


@dataclass(frozen=True, slots=True)
class Remote:
    """How addresses are read."""

    allow_private: bool = False

    def read(self, url: str) -> Iterator[Article | Rejected]:
        """The articles that an address leads to: a page's own, or those of all pages in a feed or sitemap."""
        page = self._fetch(url, MAX_SITEMAP_BYTES)
        if not _is_listing(page):
            yield _article(page)
            return
        _, charset = split_content_type(page.content_type)
        content = decode_xml(page.body, charset)
        if is_sitemap(content):
            yield from self._read_sitemap(content, page.url)
        else:
            yield from map(self._read_item, read_feed(content, page.url, url=page.url))

    def _read_item(self, item: Article) -> Article | Rejected:
        """A feed's item, whole from its page where that can be had, else as the feed has it."""
        if not item.url:
            return item
        try:
            whole = _article(self._fetch(item.url))
        except SourceError as error:
            return item if item.text else Rejected(item.url, str(error))
        if len(whole.text) < len(item.text):  # a notice, a pay wall, a page that needs scripts
            return item
        return replace(
            whole,
            title=whole.title or item.title,
            authors=whole.authors or item.authors,
            published=whole.published or item.published,
            updated=whole.updated or item.updated,
            language=whole.language or item.language,
            source=item.source if whole.source == source_from_url(whole.url) and item.source else whole.source,
        )

    def _read_sitemap(self, content: str, url: str) -> Iterator[Article | Rejected]:
        waiting, seen, pages = [(url, content)], {url}, 0
        while waiting:
            address, content = waiting.pop(0)
            try:
                sitemap = read_sitemap(content or decode_xml(self._fetch(address, MAX_SITEMAP_BYTES).body))
            except SourceError as error:
                yield Rejected(address, str(error))
                continue
            for further in sitemap.sitemaps:
                if further in seen:
                    continue
                if len(seen) >= MAX_SITEMAPS:
                    yield Rejected(further, f"more than {MAX_SITEMAPS} sitemaps in one index; name this one by itself")
                    continue
                seen.add(further)
                waiting.append((further, ""))
            for listed in sitemap.pages:
                pages += 1
                if pages > MAX_SITEMAP_PAGES:
                    yield Rejected(address, f"more than {MAX_SITEMAP_PAGES} pages in one sitemap; the rest is left out")
                    return
                yield self._read_listed(listed)

    def _read_listed(self, url: str) -> Article | Rejected:
        try:
            return _article(self._fetch(url))
        except SourceError as error:
            return Rejected(url, str(error))

    def _fetch(self, url: str, max_bytes: int = MAX_ARTICLE_BYTES) -> Page:
        page = fetch(url, allow_private=self.allow_private, max_bytes=max_bytes)
        if page.body.startswith(b"\x1f\x8b"):  # sitemaps are often kept gzipped
            return replace(page, body=read_whole(gunzip(io.BytesIO(page.body)), max_bytes))
        return page


def _is_listing(page: Page) -> bool:
    kind, _ = split_content_type(page.content_type)
    head = page.body[:8192].replace(b"\0", b"")  # UTF-16 reads like ASCII without its zeros
    return kind in ("application/rss+xml", "application/atom+xml") or _XML_ROOT.match(head) is not None


def _article(page: Page) -> Article:
    """The article on a page.

    Raises:
        SourceError: there is none.
    """
    kind, charset = split_content_type(page.content_type)
    address = canonical_url(page.url)
    if kind == "application/pdf" or page.body.startswith(b"%PDF-"):
        article = read_pdf(page.body, page.url)
    elif len(page.body) > MAX_ARTICLE_BYTES:
        raise SourceError(f"more than {MAX_ARTICLE_BYTES // 1_000_000} MB, too much for one article")
    elif kind in ("text/plain", "text/markdown"):
        article = read_text(decode(page.body, charset), page.url)
    elif kind in ("text/html", "application/xhtml+xml", "") or page.body.lstrip()[:1] == b"<":
        return read_html(page.body, page.url, url=page.url, charset=charset)
    else:
        raise SourceError(f"{kind} is not a page that can be read")
    return replace(article, url=address, source=article.source or source_from_url(address))
