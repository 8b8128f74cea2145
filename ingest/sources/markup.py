"""A piece of markup (a feed's item, a table's cell) to plain text, a blank line between paragraphs."""

from __future__ import annotations

import re
from collections.abc import Mapping

_LOOKS_LIKE_MARKUP = re.compile(
    r"</(?:p|div|span|a|b|i|em|strong|h[1-6]|li|ul|blockquote)>|<(?:p|br)\b[^>]{0,200}>", re.I
)
_BLOCKS = frozenset(
    "address article aside blockquote dd div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main "
    "nav ol p pre section table tr ul".split()
)
_UNSEEN = frozenset(("script", "style", "template", "noscript", "iframe", "svg", "head"))


def looks_like_markup(text: str) -> bool:
    """Whether a text was written in HTML rather than plainly."""
    return _LOOKS_LIKE_MARKUP.search(text) is not None


def markup_text(markup: str) -> str:
    """The words of a piece of HTML, its entities resolved, a blank line between paragraphs."""
    from lxml import etree  # html.parser takes quadratic time on hostile markup

    if not markup.strip():
        return ""
    if "<" not in markup:  # plain after all, or plain but for its entities: blank lines are its paragraphs
        markup = re.sub(r"\n[ \t\r]*\n", "<p>", markup)
    parser = etree.HTMLParser(target=_Words(), encoding="utf-8", huge_tree=True)
    try:
        parser.feed(b"<body>" + markup.encode("utf-8", "replace"))
        return _paragraphs(parser.close())
    except etree.XMLSyntaxError:
        return ""


def _paragraphs(marked: str) -> str:
    paragraphs = ("\n".join(" ".join(line.split()) for line in p.split("\r")) for p in marked.split("\f"))
    return "\n\n".join(stripped for p in paragraphs if (stripped := p.strip()))


class _Words:
    """Gathers the visible words; form feeds stand for the ends of blocks, carriage returns for broken lines."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._unseen = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._unseen += tag in _UNSEEN
        self._parts.append("\r" if tag == "br" else "\f" if tag in _BLOCKS else "")

    def end(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN
        self._parts.append("\f" if tag in _BLOCKS else "")

    def data(self, words: str) -> None:
        if not self._unseen:
            self._parts.append(re.sub(r"[\f\r]", " ", words))

    def comment(self, words: str) -> None:
        pass

    def close(self) -> str:
        return "".join(self._parts)
