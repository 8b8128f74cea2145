"""Bytes to text: which encoding, and whether it is text at all."""

from __future__ import annotations

import codecs
import re

from ingest.errors import SourceError

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DECLARED = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)|<\?xml[^>]{0,200}?encoding=[\"']([\w.:-]+)", re.I
)
_CONTROL = bytes(range(9)) + bytes(range(14, 27)) + bytes(range(28, 32))
_ESCAPED = re.compile("[\udc80-\udcff]")  # what `surrogateescape` makes of invalid bytes
_SAMPLE_BYTES = 65_536
_BINARY_SHARE = 0.01  # of control characters; text has none, packed data about a tenth
_FOREIGN_SHARE = 0.4  # of letters beyond ASCII; Western European text stays under a fifth


def decode(data: bytes, hint: str = "") -> str:
    """The text that bytes hold.

    A byte order mark decides; then UTF-8 where the bytes are valid in it; then the encoding that the caller
    (`hint`) or the markup declares; then Windows-1252, unless the outcome is garbled.

    Raises:
        SourceError: the bytes are no text, or the encoding cannot be told.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data.decode(encoding, "replace")
    if looks_binary(data):
        raise SourceError("looks binary, not text")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    for declared in (hint, declared_encoding(data)):
        if text := _decode_as(data, declared):
            return text
    return _decode_undeclared(data)


def looks_binary(data: bytes) -> bool:
    """Whether bytes without a byte order mark are a picture, an archive or the like."""
    sample = data[:_SAMPLE_BYTES]
    controls = len(sample) - len(sample.translate(None, _CONTROL))
    return b"\0" in data or controls > _BINARY_SHARE * len(sample)


def declared_encoding(data: bytes) -> str:
    """The encoding that a page's or a feed's own markup names, or ""."""
    match = _DECLARED.search(data[:4096])
    return (match[1] or match[2]).decode("ascii") if match else ""


def guess_encoding(sample: bytes) -> str:
    """The encoding to read a long text in, from its first bytes."""
    return next((encoding for bom, encoding in _BOMS if sample.startswith(bom)), "utf-8")


def repair_line(line: str) -> str:
    """A line read as UTF-8 with `surrogateescape`, its invalid bytes read again as what they must have been."""
    if not _ESCAPED.search(line):
        return line
    data = line.encode("utf-8", "surrogateescape")
    lenient = data.decode("utf-8", "replace")
    return lenient if _mostly_utf8(lenient) else data.decode("cp1252", "replace")


def _decode_as(data: bytes, encoding: str) -> str:
    try:
        # "latin-1" on the web means Windows-1252, and claims of UTF-8 have been tried.
        name = codecs.lookup(encoding).name if encoding else ""
        return data.decode("cp1252" if name == "iso8859-1" else name) if name not in ("", "utf-8") else ""
    except (LookupError, UnicodeError, ValueError):
        return ""


def _decode_undeclared(data: bytes) -> str:
    """Text that is not valid UTF-8 and says nothing of its encoding."""
    lenient = data.decode("utf-8", "replace")
    if _mostly_utf8(lenient):
        return lenient
    western = data.decode("cp1252", "replace")
    letters = [c for c in western[:_SAMPLE_BYTES] if c.isalpha()]
    if sum(c > "\x7f" for c in letters) <= _FOREIGN_SHARE * len(letters):
        return western
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE_BYTES]).best()
    if best is None or not (text := data.decode(best.encoding, "replace")):
        raise SourceError("its encoding cannot be told; save it as UTF-8")
    return text


def _mostly_utf8(lenient: str) -> bool:
    """Whether text decoded with replacement is good UTF-8 with a bad spot: Windows-1252 would garble all the good."""
    return lenient.count("\ufffd") * 2 < sum(c > "\x7f" for c in lenient)
