"""Named fields (a table's row, a file's front matter) to an article."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import islice

from ingest.errors import SettingsError, SourceError
from ingest.records import Article
from ingest.sources.bounded import MAX_ARTICLE_BYTES
from ingest.sources.dates import parse_date
from ingest.sources.markup import looks_like_markup, markup_text
from ingest.sources.urls import canonical_url, source_from_url

# What each field of an article is called out there, likeliest first.
NAMES: Mapping[str, tuple[str, ...]] = {
    "title": ("title", "headline", "headlines"),
    "text": ("text", "body", "content", "article", "maintext", "article_text", "full_text"),
    "published": ("published", "publish_date", "date", "published_at", "pubdate", "date_publish", "datepublished"),
    "updated": ("updated", "updated_at", "modified", "date_modify", "datemodified", "lastmod"),
    "source": ("source", "outlet", "publication", "publisher", "source_name", "site_name"),
    "url": ("url", "link", "canonical_url", "source_url"),
    "authors": ("authors", "byline", "author", "creator"),
    "language": ("language", "lang"),
}
_LANGUAGES = {"english": "en", "spanish": "es", "french": "fr", "german": "de", "portuguese": "pt", "italian": "it"}


def match_columns(present: Iterable[str], columns: Mapping[str, str] | None = None) -> dict[str, str]:
    """Which of the names present holds which field of an article: as told by `columns`, else by its usual names."""
    by_spelling = {_spelling(name): name for name in reversed(list(present))}
    found = {}
    for field, usual in NAMES.items():
        told = (columns or {}).get(field)
        for name in (told,) if told else usual:
            if (actual := by_spelling.get(_spelling(name))) is not None:
                found[field] = actual
                break
    return found


def check_columns(columns: Mapping[str, str] | None) -> None:
    """Raise SettingsError where a column map names a field that articles do not have."""
    if unknown := sorted(set(columns or {}) - set(NAMES)):
        raise SettingsError(f"columns names no field of an article: {', '.join(unknown)}; use {', '.join(NAMES)}")


def article_from_fields(values: Mapping[str, object], columns: Mapping[str, str], origin: str) -> Article:
    """The article that a row's values make; `columns` comes from `match_columns`.

    Raises:
        SourceError: no value holds a text.
    """
    if "text" not in columns:
        raise SourceError(no_text_column(values))
    get = {field: values.get(name) for field, name in columns.items()}.get
    told = get("text")
    text = "\n\n".join(map(_text, told)) if isinstance(told, list) else _text(told)
    url = canonical_url(_text(get("url")))
    return Article(
        text=markup_text(text) if looks_like_markup(text) else text,
        title=" ".join(_text(get("title")).split()),
        url=url,
        source=_text(get("source")).strip() or source_from_url(url),
        authors=split_authors(get("authors")),
        published=parse_date(get("published")),
        updated=parse_date(get("updated")),
        language=language_code(_text(get("language"))),
        origin=origin,
    )


def no_text_column(present: Iterable[str]) -> str:
    """The reason why rows with the columns present are no articles."""
    names = ", ".join(str(name)[:40] for name in islice(present, 20)) or "none"
    return f"no column holds the text; there are: {names}; say which, as columns={{'text': NAME}}"


def split_authors(value: object) -> tuple[str, ...]:
    """Authors' names out of a list, or out of a byline such as "By Ann Lee and Bo Chen"; addresses are no names."""
    if isinstance(value, list | tuple):
        names = [name for item in value for name in split_authors(_text(item))]
    else:
        byline = re.sub(r"^\s*(?:by|por)\b:?\s+", "", _text(value)[:1000], flags=re.I)
        names = re.split(r"\s*[;,|]\s*|\s+(?:and|y)\s+", byline)
    names = [" ".join(name.split()) for name in names]
    return tuple(dict.fromkeys(n for n in names if n and not n.startswith(("http://", "https://")) and len(n) < 100))


def language_code(value: str) -> str:
    """The ISO 639-1 code in a language tag or name ("en-US", "es_MX", "English"), or ""."""
    name = value.strip().lower()
    code = _LANGUAGES.get(name) or re.split(r"[-_]", name)[0]
    return code if re.fullmatch(r"[a-z]{2}", code) else ""


def complete(article: Article) -> Article:
    """The article, fit for any store: with a text, of bearable length, without half characters.

    Raises:
        SourceError: it has no text, or far too much.
    """
    if not article.text.strip():
        raise SourceError("empty")
    if len(article.text) > MAX_ARTICLE_BYTES:
        raise SourceError(f"more than {MAX_ARTICLE_BYTES // 1_000_000} MB of text, too much for one article")
    text, title, source = map(_whole, (article.text, article.title, article.source))
    authors = tuple(map(_whole, article.authors))
    if (text, title, source, authors) == (article.text, article.title, article.source, article.authors):
        return article
    return replace(article, text=text, title=title, source=source, authors=authors)


def _whole(text: str) -> str:
    """Text without NUL characters; half a surrogate pair, which no file can hold, shown as replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "")


def _spelling(name: object) -> str:
    return re.sub(r"[\s_-]+", "_", str(name).strip().lower())


def _text(value: object) -> str:
    """A value as text; of a nested record its name, of anything else without words nothing."""
    if isinstance(value, Mapping):
        value = next((value[key] for key in ("name", "title", "text", "url") if key in value), "")
    return value if isinstance(value, str) else ""
