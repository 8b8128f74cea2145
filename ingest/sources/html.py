"""A web page to an article: its text by trafilatura, its metadata from the page's own markup."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from ingest.errors import SourceError
from ingest.records import Article
from ingest.sources.dates import parse_date
from ingest.sources.decode import decode
from ingest.sources.fields import language_code, split_authors
from ingest.sources.markup import looks_like_markup, markup_text
from ingest.sources.urls import canonical_url, is_same_site, source_from_url

MAX_ELEMENTS = 100_000  # of one page's tree; a long news page has about 5,000

if TYPE_CHECKING:
    from trafilatura.settings import Document

Element = Any  # lxml has no types

_ARTICLE_TYPE = re.compile(r"(?:Article|BlogPosting|Report|Review)$")
_PUBLISHED = (
    "article:published_time og:published_time datepublished pubdate publishdate publish-date publish_date "
    "parsely-pub-date sailthru.date dc.date dc.date.issued dcterms.created dcterms.date cxenseparse:recs:publishtime "
    "date"
).split()
_UPDATED = "article:modified_time og:updated_time datemodified lastmod last-modified dcterms.modified".split()
_AUTHORS = "author byl dc.creator article:author parsely-author sailthru.author".split()
_LIST_OR_TABLE = re.compile(r"- |\|")

# A sentence that stands alone on its line; headlines and menu entries end without a stop.
_SENTENCE = re.compile(r"[.!?…。！？।؟][\"'”’»)\]]*$")
_LEAST_PROSE = 140  # characters of sentences on a page that nowhere says it is an article
_LEAST_DECLARED = 30  # on one that does
_LEAST_SHARE = 0.5  # of the text found, that must be sentences


def read_html(data: bytes | str, origin: str, *, url: str = "", charset: str = "") -> Article:
    """The article on a page.

    Args:
        data: the page, as bytes or already decoded.
        origin: where it was read.
        url: the address it came from, where it is known.
        charset: the encoding that the server named.

    Raises:
        SourceError: the page holds no article.
    """
    page = _parse(data if isinstance(data, str) else decode(data, charset))
    if page is None:
        raise SourceError("no article found on the page")
    return _article(page, origin, url)


def _article(page: Element, origin: str, url: str) -> Article:
    meta, ld = _meta(page), _article_ld(page)
    address = _address(page, meta, url)
    declared = bool(ld) or meta.get("og:type", "").lower() == "article" or len(page.findall(".//article")) == 1
    feed = _feed(page, url)
    text, found = _extract(page, address or url)
    if not _is_article(text, declared):
        body = str(ld.get("articleBody") or "")
        text = markup_text(body) if looks_like_markup(body) else body
        if not _is_article(text, declared):
            raise SourceError("no article found on the page" + (f"; it has a feed: {feed}" if feed else ""))
    told = [ld.get("datePublished"), *_values(meta, _PUBLISHED), *_itemprops(page, "datePublished"), found.date]
    shown = [element.get("datetime") for element in page.iterfind(".//article//time[@datetime]")]
    published = _precise(told, shown)
    updated = _precise([ld.get("dateModified"), *_values(meta, _UPDATED), *_itemprops(page, "dateModified")], [])
    site = meta.get("og:site_name") or _name(ld.get("publisher")) or meta.get("application-name", "")
    authors = split_authors(ld.get("author")) or next(filter(None, map(split_authors, _values(meta, _AUTHORS))), ())
    return Article(
        text=text,
        title=_title(ld, meta, found.title or "", site),
        url=address,
        source=site.strip() or source_from_url(address or url),
        authors=authors or split_authors(found.author or ""),
        published=published,
        updated=updated if updated and (published is None or updated > published) else None,
        language=language_code(page.get("lang") or "") or language_code(meta.get("og:locale", "")),
        origin=origin,
    )


def _parse(content: str) -> Element:
    from trafilatura import load_html

    try:
        page = load_html(content)
    except Exception as error:  # noqa: BLE001 - whatever the parser trips over, the page is the reason
        raise SourceError(f"the page cannot be parsed ({error})") from error
    if page is not None and sum(1 for _ in islice(page.iter(), MAX_ELEMENTS + 1)) > MAX_ELEMENTS:
        raise SourceError(f"the page has more than {MAX_ELEMENTS} elements, too many for one article")
    return page


def _extract(page: Element, url: str) -> tuple[str, Document]:
    """The page's main text, a blank line between paragraphs, and what trafilatura found beside it."""
    from trafilatura import bare_extraction
    from trafilatura.settings import Document

    try:
        found = bare_extraction(
            page,
            url=url or None,
            with_metadata=True,
            include_comments=False,
            date_extraction_params={"original_date": True, "extensive_search": False},
        )
    except Exception as error:  # noqa: BLE001 - whatever the extraction trips over, the page is the reason
        raise SourceError(f"the page cannot be parsed ({error})") from error
    if not isinstance(found, Document):
        return "", Document()
    lines = [line.strip() for line in (found.text or "").split("\n") if line.strip()]
    text = ""
    for before, line in zip(["", *lines], lines, strict=False):
        tight = _LIST_OR_TABLE.match(before) and _LIST_OR_TABLE.match(line)
        text += ("" if not text else "\n" if tight else "\n\n") + line
    return text, found


def _is_article(text: str, declared: bool) -> bool:
    """Whether a text is told in sentences, as an article is and a menu or a list of headlines is not."""
    lines = text.split("\n")
    prose = sum(len(line) for line in lines if len(line) >= 25 and _SENTENCE.search(line.rstrip()))
    if declared:
        return prose >= _LEAST_DECLARED
    return prose >= _LEAST_PROSE and prose >= _LEAST_SHARE * sum(map(len, lines))


def _meta(page: Element) -> dict[str, str]:
    """What the page's meta elements say, by lower-case name; of several with one name the first."""
    found: dict[str, str] = {}
    for element in page.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        content = " ".join((element.get("content") or "").split())
        if name and content:
            found.setdefault(name.strip().lower(), content)
    return found


def _article_ld(page: Element) -> Mapping[str, Any]:
    """The page's own description of its article in JSON-LD; empty where it has none."""
    for script in page.iterfind('.//script[@type="application/ld+json"]'):
        try:
            stack = [json.loads(script.text_content(), strict=False)]
        except (ValueError, RecursionError):
            continue
        while stack:
            node = stack.pop()
            if isinstance(node, list):
                stack.extend(reversed(node))
            elif isinstance(node, dict):
                types = node.get("@type")
                if any(_ARTICLE_TYPE.search(str(t)) for t in (types if isinstance(types, list) else [types])):
                    return node
                stack.extend(node[key] for key in ("mainEntity", "@graph") if key in node)
    return {}


def _values(meta: Mapping[str, str], names: list[str]) -> Iterator[str]:
    return (meta[name] for name in names if name in meta)


def _itemprops(page: Element, name: str) -> Iterator[str]:
    for element in page.iterfind(f'.//*[@itemprop="{name}"]'):
        yield element.get("datetime") or element.get("content") or element.text_content()


def _precise(told: list[Any], shown: list[Any]) -> datetime | None:
    """The first date told that can be read, with its time of day where another, told or shown, is for the same day."""
    first = next(filter(None, map(parse_date, told)), None)
    moments = filter(None, map(parse_date, [*told, *shown]))
    same_day = (m for m in moments if first and m.date() == first.date() and (m.hour, m.minute) != (0, 0))
    return next(same_day, first)


def _title(ld: Mapping[str, Any], meta: Mapping[str, str], found: str, site: str) -> str:
    """The headline, without the site's name behind it."""
    headline = ld.get("headline") if isinstance(ld.get("headline"), str) else ""
    title = " ".join(html.unescape(headline or meta.get("og:title") or found).split())
    return re.sub(rf"\s+[-–—|·:]\s+{re.escape(site)}$", "", title, flags=re.I) if site else title


def _address(page: Element, meta: Mapping[str, str], url: str) -> str:
    """The page's canonical address.

    A page may name another one for itself on its own site only, else it could take the place of another outlet's
    article; and not its site's front page, which careless ones name everywhere.
    """
    here = canonical_url(url)
    links = (link.get("href") or "" for link in page.iter("link") if (link.get("rel") or "").lower() == "canonical")
    for told in (*links, meta.get("og:url", "")):
        there = _join(url, told)
        if there and (not here or (is_same_site(here, there) and urlsplit(there).path != "/")):
            return there
    return here


def _feed(page: Element, url: str) -> str:
    for link in page.iter("link"):
        if (link.get("rel") or "").lower() == "alternate" and re.search(r"(?:rss|atom)\+xml", link.get("type") or ""):
            return _join(url, link.get("href") or "")
    return ""


def _join(base: str, reference: str) -> str:
    try:
        return canonical_url(urljoin(base, reference.strip())) if reference.strip() else ""
    except ValueError:
        return ""


def _name(value: object) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    name = value.get("name") if isinstance(value, dict) else value
    return name if isinstance(name, str) and not name.startswith("http") else ""
