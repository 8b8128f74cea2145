"""PDF files to an article: paragraphs rejoined from printed lines."""

from __future__ import annotations

import io
import re
from typing import Any

from ingest.errors import SourceError
from ingest.records import Article
from ingest.sources.bounded import MAX_ARTICLE_BYTES
from ingest.sources.dates import parse_date
from ingest.sources.fields import split_authors

Reader = Any  # pypdf is imported only when needed

MAX_PAGES = 1_000  # more is a book, not an article

_NO_TITLE = re.compile(r"untitled|microsoft word|\.(?:docx?|pdf|indd|odt|tex|qxd)$|^(?:document|print|slide)\d*$", re.I)
_SENTENCE_END = re.compile(r"[.!?…:][\"'”’»)]*$")
_SHORT_LINE = 0.75  # of the usual width: a line that ends a sentence before this ends a paragraph


def read_pdf(data: bytes, origin: str) -> Article:
    """The article in a PDF file.

    Raises:
        SourceError: it is broken or encrypted, far too long, or holds pictures instead of text.
    """
    try:
        info, pages = _extract(data)
    except SourceError:
        raise
    except Exception as error:  # noqa: BLE001 - pypdf fails in many ways on broken files, and all of them mean that
        raise SourceError(f"broken PDF ({error})") from error
    text = join_lines("\n".join(pages))
    if not text:
        raise SourceError("the PDF holds no text, perhaps only scanned pictures of it")
    title = " ".join(_plain(info.get("/Title")).split())
    return Article(
        text=text,
        title="" if _NO_TITLE.search(title) else title,
        authors=split_authors(_plain(info.get("/Author"))),
        published=parse_date(_iso(_plain(info.get("/CreationDate")))),
        origin=origin,
    )


def join_lines(printed: str) -> str:
    """Printed lines joined to paragraphs, with a blank line between; words broken by a hyphen made whole."""
    lines = [" ".join(line.split()) for line in printed.split("\n")]
    lengths = sorted(len(line) for line in lines if line)
    usual = lengths[int(len(lengths) * 0.8)] if lengths else 0
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        if line:
            paragraphs[-1].append(line)
        if not line or (len(line) < _SHORT_LINE * usual and _SENTENCE_END.search(line)):
            paragraphs.append([])
    return "\n\n".join(re.sub(r"(?<=\w)-\n(?=[a-zà-ÿ])", "", "\n".join(p)).replace("\n", " ") for p in paragraphs if p)


def _extract(data: bytes) -> tuple[dict[str, Any], list[str]]:
    """The document's own metadata, and the text of its pages."""
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not _opens_without_password(reader):
        raise SourceError("the PDF is encrypted; save it without a password")
    if len(reader.pages) > MAX_PAGES:
        raise SourceError(f"the PDF has {len(reader.pages)} pages, too many for one article")
    pages: list[str] = []
    for page in reader.pages:
        pages.append(page.extract_text())
        if sum(map(len, pages)) > MAX_ARTICLE_BYTES:
            raise SourceError(f"more than {MAX_ARTICLE_BYTES // 1_000_000} MB of text, too much for one article")
    return dict(reader.metadata or {}), pages


def _opens_without_password(reader: Reader) -> bool:
    try:
        return bool(reader.decrypt(""))
    except Exception:  # noqa: BLE001 - an unknown cipher is as closed as an unknown password
        return False


def _iso(written: str) -> str:
    """A PDF date ("D:20240305093000-05'00'") as ISO 8601."""
    match = re.match(r"D:(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(?:(Z)|([+-]\d\d)'?(\d\d)?)?", written)
    if match is None:
        return written
    year, month, day, hour, minute, second, _, offset, offset_minute = match.groups()
    zone = f"{offset}:{offset_minute or '00'}" if offset else "+00:00"
    return f"{year}-{month}-{day}T{hour or '00'}:{minute or '00'}:{second or '00'}{zone}"


def _plain(value: object) -> str:
    return value if isinstance(value, str) else ""
