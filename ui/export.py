"""A conversation to pass on, with the sources of every answer: as Markdown, or as one page of HTML."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files

from jinja2 import Template

from ingest.records import Article, iso_day
from qa.markdown import one_line, shortened, spans, to_markdown, web_address
from qa.records import Answer, Citation, other_outlets
from ui import render
from ui.conversation import Conversation, Turn
from ui.strings import Words, words
from ui.templates import environment
from ui.turns import searched

_MEDIA_TYPES = {"markdown": "text/markdown", "html": "text/html"}
_ENDINGS = {"markdown": "md", "html": "html"}
KINDS = tuple(_MEDIA_TYPES)
_LONGEST_NAME = 60
_LONGEST_PASSAGE = 400
# What to_markdown has escaped, which stays; or a mark, which it has not.
_ESCAPED_OR_MARK = re.compile(r"(\\.)|\[(\d+)\]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class File:
    """A file for a browser to save."""

    name: str
    media_type: str
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """A quote with where it stands; number: its mark, counted through the conversation, 0 for a passage without one."""

    number: int
    article: Article
    start: int
    end: int
    also_in: tuple[Article, ...]

    @property
    def quote(self) -> str:
        """What the article says there, word for word; a passage without a number is shortened."""
        text = self.article.text[self.start : self.end]
        return text if self.number else shortened(text, _LONGEST_PASSAGE)

    @property
    def address(self) -> str:
        """The address of the sentence on its outlet's page, "" where there is none."""
        return render.sentence_address(self.article.url, [self.article.text[self.start : self.end]])

    @property
    def other_outlets(self) -> str:
        """The names of the other outlets that carry the same text."""
        return ", ".join(other_outlets(self.article, self.also_in))


def exported(conversation: Conversation, kind: str, language: str = "en") -> File:
    """The conversation as a file of one of KINDS, in English or Spanish."""
    write: Callable[[Conversation, str], str] = markdown if kind == "markdown" else html
    name = f"{_name(conversation.title)}.{_ENDINGS[kind]}"
    return File(name, f"{_MEDIA_TYPES[kind]};charset=utf-8", write(conversation, language))


def notes(conversation: Conversation) -> Iterator[tuple[Turn, tuple[Note, ...]]]:
    """Each turn with what its answer cites, numbered through the conversation; or with an abstention's passages."""
    number = 0
    for turn in conversation.turns:
        found = tuple(_notes(turn.answer, number)) if turn.answer else ()
        yield turn, found
        number = max([number, *(note.number for note in found)])


def _notes(answer: Answer, before: int) -> Iterator[Note]:
    if not answer.abstained:
        for place, cited in enumerate(answer.citations, before + 1):
            yield Note(place, cited.article, cited.start, cited.end, cited.also_in)
        return
    for source in render.sources_of("", answer):
        (passage,) = source.highlights
        yield Note(0, source.article, passage.start, passage.end, source.also_in)


def _numbers(answer: Answer, found: tuple[Note, ...]) -> dict[int, int]:
    """The number that each mark of the answer has in the conversation."""
    return {cited.number: note.number for cited, note in zip(answer.citations, found, strict=False)}


# --- Markdown ---


def markdown(conversation: Conversation, language: str = "en") -> str:
    """The conversation as Markdown with footnotes; text from elsewhere is escaped as qa.markdown does."""
    say = words(language)
    blocks = [f"# {_plain(conversation.title or say('history.untitled'))}"]
    blocks.append(f"*{_plain(say('history.exported', day=_today()))}. {_plain(say('history.about'))}*")
    for turn, found in notes(conversation):
        blocks.append(f"## {_plain(turn.question)}")
        blocks += [f"*{_plain(about)}*"] if (about := _about(turn, say)) else []
        blocks += _said(turn, found, say)
        blocks += [_footnote(note, say, gone=note.article.article_id in turn.gone) for note in found]
    return "\n\n".join(blocks) + "\n"


def _said(turn: Turn, found: tuple[Note, ...], say: Words) -> list[str]:
    answer = turn.answer
    if answer is None:
        return [
            f"**{_plain(say('ask.error'))}**: {_plain(turn.error)}" if turn.error else _plain(say("ask.unfinished"))
        ]
    if answer.abstained:
        offer = [_plain(say("ask.closest_offer"))] if found else []
        return [f"**{_plain(say('ask.abstained'))}.** {_plain(answer.text)}", *offer]
    numbers = _numbers(answer, found)
    # Only the numbers of the citations matter here; their text goes into the footnotes.
    cited = tuple(Citation(number, Article(""), 0, 0, "") for number in numbers)
    whole = to_markdown(replace(answer, citations=cited, passages=()))
    body = "\n\n".join(whole.rstrip().split("\n\n")[: -len(cited) or None])
    return [_with_footnote_marks(body, numbers), f"*{_plain(_confidence(answer, say))}*"]


def _with_footnote_marks(body: str, numbers: dict[int, int]) -> str:
    """The body with a footnote mark for each citation: viewers leave out a footnote that nothing refers to."""
    marked = _ESCAPED_OR_MARK.sub(lambda match: match[1] or f"[^{numbers[int(match[2])]}]", body)
    return marked + "".join(f" [^{number}]" for number in numbers.values() if f"[^{number}]" not in marked)


def _footnote(note: Note, say: Words, *, gone: bool) -> str:
    """A footnote, or an item of a list for a passage without a number."""
    article = replace(note.article, url=note.address)
    reference = to_markdown(Answer("", "", False, 0, (Citation(1, article, 0, 0, note.quote),))).strip()
    more = [f"{say('ask.also_in_card')}: {note.other_outlets}"] if note.other_outlets else []
    more += [say("ask.gone")] if gone else []
    begin = f"[^{note.number}]:" if note.number else "-"
    return f"{begin} {reference.removeprefix('[1] ')}" + "".join(f" ({_plain(part)})" for part in more)


def _plain(text: str) -> str:
    """The text on one line, as Markdown that shows it as it is written."""
    return to_markdown(Answer("", one_line(text), False, 0)).strip()


# --- HTML ---


def html(conversation: Conversation, language: str = "en") -> str:
    """The conversation as one page of HTML that runs nothing and loads nothing."""
    say = words(language)
    return _template().render(
        title=conversation.title or say("history.untitled"),
        language=language,
        day=_today(),
        say=say,
        turns=[_turn_values(turn, found, say) for turn, found in notes(conversation)],
    )


@cache
def _template() -> Template:
    return environment().from_string(files("ui").joinpath("export.html.jinja").read_text("utf-8"))


def _turn_values(turn: Turn, found: tuple[Note, ...], say: Words) -> dict[str, object]:
    answer = turn.answer
    anchors: dict[int, str] = {}
    return {
        "question": turn.question,
        "about": _about(turn, say),
        "error": turn.error if answer is None else "",
        "answered": answer is not None,
        "abstained": answer is not None and answer.abstained,
        "text": answer.text if answer else "",
        "confidence": _confidence(answer, say) if answer else "",
        "spans": list(_span_values(answer, found, anchors)) if answer else [],
        "notes": [_note_values(note, anchors, note.article.article_id in turn.gone, say) for note in found],
    }


def _span_values(answer: Answer, found: tuple[Note, ...], anchors: dict[int, str]) -> Iterator[dict[str, object]]:
    """The spans of an answer; the first mark of each note gets an anchor, for the way back."""
    numbers = _numbers(answer, found)
    for span in spans(answer):
        note = numbers.get(span.number, 0)
        anchor = f"mark-{note}" if note and note not in anchors else ""
        if anchor:
            anchors[note] = anchor
        yield {"text": span.text, "note": note, "supported": span.supported, "anchor": anchor}


def _note_values(note: Note, anchors: dict[int, str], gone: bool, say: Words) -> dict[str, object]:
    article = note.article
    day = iso_day(article.published) if article.published else say("ask.undated")
    return {
        "number": note.number,
        "quote": note.quote,
        "language": article.language,
        "title": article.title,
        "byline": " · ".join(filter(None, (article.source, day, ", ".join(article.authors)))),
        "also_in": note.other_outlets,
        "gone": gone,
        "address": note.address,
        "page": web_address(article.url),
        "anchor": anchors.get(note.number, ""),
    }


# --- what both say ---


def _about(turn: Turn, say: Words) -> str:
    """When it was asked, and what was searched."""
    asked = say("history.asked", day=turn.asked[:10]) if turn.asked else ""
    limits = ", ".join(searched(turn.filters, say))
    only = say("history.only_searched", filters=limits) if limits else ""
    return " · ".join(filter(None, (asked, only)))


def _confidence(answer: Answer, say: Words) -> str:
    return say("ask.partly_supported") if answer.unsupported else render.confidence_words(answer.confidence, say)


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _name(title: str) -> str:
    """A file name without ending that every system takes, of the title's letters and digits."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    slug = "-".join(re.findall(r"[A-Za-z0-9]+", plain))[:_LONGEST_NAME].strip("-").lower()
    return f"dateline-{slug}" if slug else "dateline-conversation"
