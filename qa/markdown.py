"""An Answer as text for people: the spans it consists of, and Markdown in which article text stays text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from ingest.records import Article, iso_day
from qa.records import Answer, Citation, other_outlets

# Characters that open something inline in CommonMark, GFM, or the footnote and math extensions.
_INLINE = re.compile(r"([\\`*_{}\[\]<>&~|$^@])")
# What GFM turns into a link although nobody marked it as one, and what defines a link: "://", "www.", "](", "]:".
_AUTOLINK = re.compile(r"(?<=\])[:(]|:(?=//)|(?<=\bwww)\.", re.IGNORECASE)
# What opens a heading, list, rule, table or definition at the start of a line.
_BLOCK = re.compile(r"^(\d*)([-#+=:.)])", re.MULTILINE)
# Left-to-right and right-to-left overrides make text read otherwise than it is written.
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_CLOSEST = 3


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of an answer's text.

    number: the citation that this stretch, a mark such as "[2]", names; 0 for all other text.
    supported: False for a sentence that no citation backs.
    """

    text: str
    number: int = 0
    supported: bool = True


def spans(answer: Answer) -> list[Span]:
    """The answer's text cut at its marks and unsupported sentences; a mark without a citation is plain text.

    Joined, they give the text back, followed by the unsupported sentences that do not stand in it as they are.
    """
    known = {citation.number for citation in answer.citations}
    sentences = sorted(filter(None, answer.unsupported), key=len, reverse=True)
    special = re.compile("|".join([r"\[(\d{1,6})\]", *map(re.escape, sentences)]))
    cut: list[Span] = []
    end = 0
    for match in special.finditer(answer.text):
        number = int(match[1]) if match[1] else 0
        if match[1] and number not in known:
            continue
        cut.append(Span(answer.text[end : match.start()]))
        cut.append(Span(match[0], number=number, supported=bool(match[1])))
        end = match.end()
    cut.append(Span(answer.text[end:]))
    cut += [Span(" " + sentence, supported=False) for sentence in sentences if sentence not in answer.text]
    return [span for span in cut if span.text]


def without_controls(text: str) -> str:
    """The text without the characters that steer a terminal or reorder what is read; newlines and tabs stay."""
    return "".join(c for c in text if c in "\n\t" or (unicodedata.category(c) not in ("Cc", "Cs") and c not in _BIDI))


def one_line(text: str) -> str:
    """The text with every run of white space made one space, and no control characters."""
    return " ".join(without_controls(text).split())


def web_address(url: str) -> str:
    """The address if it is a web page's, safe to stand in an attribute or in angle brackets; otherwise ""."""
    try:
        parts = urlsplit(url.strip())
        if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
            return ""
    except ValueError:
        return ""
    return quote(without_controls(url.strip()), safe="!#$%&()*+,-./:;=?@[]_~", errors="replace")


def to_markdown(answer: Answer) -> str:
    """The answer, then one footnote a citation: [n] “quote” - title, source, date, url; also in other outlets.

    Text from articles and from the answerer is escaped: whatever it contains, Markdown shows it as written. Only an
    http or https address becomes a link. An abstention is followed by the closest passages.
    """
    blocks = [_body(answer), *(_footnote(citation) for citation in answer.citations)]
    if answer.abstained and answer.passages:
        blocks.append("Closest passages:")
        blocks += [
            f"- “{_escaped(shortened(scored.passage.text))}” - {_reference(scored.article)}"
            for scored in answer.passages[:_CLOSEST]
        ]
    return "\n\n".join(blocks) + "\n"


def shortened(text: str, limit: int = 280) -> str:
    """The text on one line, cut after a whole word where it is longer than `limit` characters."""
    line = one_line(text)
    return line if len(line) <= limit else line[: line.rfind(" ", 0, limit) if " " in line[:limit] else limit] + " …"


def _body(answer: Answer) -> str:
    text = "".join(
        span.text if span.number else _escaped_inline(span.text) + ("" if span.supported else " (no source)")
        for span in spans(answer)
    )
    lines = (" ".join(line.split()) for line in text.splitlines())
    return _BLOCK.sub(r"\1\\\2", _AUTOLINK.sub(r"\\\g<0>", "\n".join(lines))).strip()


def _footnote(citation: Citation) -> str:
    others = ", ".join(map(_escaped, other_outlets(citation.article, citation.also_in)))
    also = f"; also in {others}" if others else ""
    return f"[{citation.number}] “{_escaped(citation.quote)}” - {_reference(citation.article)}{also}"


def _reference(article: Article) -> str:
    address = web_address(article.url)
    where = f"<{address}>" if address else _escaped(article.url)
    known = (_escaped(article.title), _escaped(article.source), iso_day(article.published), where)
    return ", ".join(part for part in known if part) or "untitled"


def _escaped(text: str) -> str:
    return _AUTOLINK.sub(r"\\\g<0>", _escaped_inline(one_line(text)))


def _escaped_inline(text: str) -> str:
    return _INLINE.sub(r"\\\1", without_controls(text))
