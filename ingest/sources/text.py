"""Plain text and Markdown files, with or without front matter, to an article."""

from __future__ import annotations

import re
from dataclasses import replace

from ingest.records import Article
from ingest.sources.fields import NAMES, article_from_fields, match_columns

_FRONT_MATTER = re.compile(r"\A\s*---[ \t]*\n(.{0,65536}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S)
_KEY = re.compile(r"([A-Za-z][\w -]{0,60}?)\s*:(?:\s+|$)(.*)")
_HEADING = re.compile(r"# .*")

# Markdown's marks, in the order to take them off. None looks past the next mark of its kind, so time stays linear.
_MARKS = (
    (re.compile(r"!\[([^\[\]\n]*)\]\([^()\n]*\)"), r"\1"),
    (re.compile(r"\[([^\[\]\n]+)\]\([^()\n]*\)"), r"\1"),
    (re.compile(r"^[ \t]{0,3}>[ \t]?", re.M), ""),
    (re.compile(r"^[ \t]{0,3}(?:[-*_][ \t]*){3,}$", re.M), ""),
    (re.compile(r"^[ \t]{0,3}#{1,6}[ \t]+(.*)$", re.M), lambda match: match[1].rstrip("# \t")),
    (re.compile(r"(\*\*|__)(?=\S)([^*_\n]+)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+)(?<=\S)\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<![\w_])_(?=\S)([^_\n]+)(?<=\S)_(?![\w_])"), r"\1"),
)


def read_text(content: str, origin: str) -> Article:
    """The article in a plain text; metadata only where front matter gives it."""
    return _article(content.replace("\r\n", "\n"), origin)


def read_markdown(content: str, origin: str) -> Article:
    """The article in a Markdown text, its marks off; the first heading is the title where front matter has none."""
    article = _article(content.replace("\r\n", "\n"), origin)
    body, title = article.text, article.title
    heading = _HEADING.match(body.lstrip("\n"))
    headline = plain(heading[0]) if heading else ""
    if heading and title in ("", headline):
        body, title = body.lstrip("\n")[heading.end() :], headline
    return replace(article, text=plain(body).strip("\n"), title=title)


def plain(markdown: str) -> str:
    """Markdown without its marks: links and pictures as their words, emphasis and headings as plain lines."""
    before, *commented = markdown.split("<!--")
    markdown = before + "".join(part.partition("-->")[2] for part in commented)
    for mark, words in _MARKS:
        markdown = mark.sub(words, markdown)
    return markdown


def front_matter(content: str) -> tuple[dict[str, object], str]:
    """The fields at the head of a text, between lines of three dashes, and the text after them.

    It is the simple part of YAML that people write there: `key: value` (which may itself hold a colon), quoted
    values, `[a, b]` and lists of `- item` lines.
    """
    match = _FRONT_MATTER.match(content)
    if match is None:
        return {}, content
    fields: dict[str, object] = {}
    key = ""
    for line in match[1].split("\n"):
        if (pair := _KEY.fullmatch(line)) is not None:
            key = pair[1]
            fields[key] = _value(pair[2].strip())
        elif key and line.lstrip().startswith("- "):
            items = fields[key] if isinstance(fields[key], list) else []
            fields[key] = [*items, _unquoted(line.lstrip()[2:].strip())]  # type: ignore[misc]
        elif key and line.startswith((" ", "\t")) and isinstance(fields[key], str):
            fields[key] = f"{fields[key]} {line.strip()}".strip(" |>")
    return (fields, content[match.end() :]) if fields else ({}, content)


def _article(content: str, origin: str) -> Article:
    fields, body = front_matter(content)
    named = {name: value for name, value in fields.items() if name.strip().lower() not in NAMES["text"]}
    article = article_from_fields({**named, "text": ""}, match_columns([*named, "text"]), origin)
    return replace(article, text=body)


def _value(text: str) -> object:
    if text.startswith("[") and text.endswith("]"):
        return [_unquoted(item.strip()) for item in text[1:-1].split(",") if item.strip()]
    return _unquoted(text)


def _unquoted(text: str) -> str:
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if quoted else text
