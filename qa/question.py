"""What a question asks, read without any model, in English and Spanish.

`understand` turns what the user typed into a Question: operators ("phrase", +must, -not), a window of
publication, the outlets named, the type of answer expected, and the words that carry meaning.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from ingest.errors import QuestionError
from qa.expected import expected_answer
from qa.language import content_words, guess_language
from qa.names import find_names
from qa.operators import read_operators, tidy
from qa.outlets import read_sources
from qa.window import asks_of_the_present, read_window

MAX_CHARACTERS = 2000
_NUMBER = re.compile(r"(?<![\w.,/:-])\d+(?:[.,/:-]\d+)*(?!\w)")


@dataclass(frozen=True, slots=True)
class Question:
    """A question as typed, and what can be read from it.

    search_text: the words to search with: no operators or quotes, no outlet that became one of sources, and no
        date phrase that became a window, unless it names a date that articles may repeat ("in 2018").
    phrases, required: what must occur; excluded: what must not.
    published_after, published_before: first and last day of publication, inclusive; None where open.
    window_is_soft: True where articles outside the window may answer too: prefer, do not filter.
    present: True where the newest answer is wanted.
    expects: the type of answer, one of qa.expected.EXPECTED.
    language: "en" or "es".
    content_words: lower-case words without accents that an answer's sentence should share, each once.
    names: capitalised names as typed; numbers: figures as typed.
    """

    text: str
    search_text: str
    phrases: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    published_after: date | None = None
    published_before: date | None = None
    window_is_soft: bool = False
    present: bool = False
    sources: tuple[str, ...] = ()
    expects: str = "what"
    language: str = "en"
    content_words: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


def understand(
    text: str, *, as_of: date | None = None, today: date | None = None, outlets: Collection[str] = ()
) -> Question:
    """Read a question.

    Args:
        text: the question as typed.
        as_of: the day from whose point of view "last week" is read; giving one says the present is asked about.
        today: that day where no as_of is given; the clock's by default.
        outlets: the library's outlets; only these become sources.

    Raises:
        QuestionError: the question is empty, holds only operators, or is longer than 2,000 characters.
    """
    typed = text.strip()
    if len(typed) > MAX_CHARACTERS:
        raise QuestionError(
            f"The question has {len(typed):,} characters; at most {MAX_CHARACTERS:,} can be asked. Shorten it."
        )
    reference = _day(as_of) or _day(today) or date.today()
    operators = read_operators(typed)
    # Quoted words stay out of sight of the readers below: a date in a quotation is no window.
    masked = operators.masked
    sources, masked = read_sources(masked, outlets)
    window = read_window(masked, reference)
    undated = f"{masked[: window.start]} , {masked[window.end :]}" if window else masked
    if window and window.removable:
        masked = f"{masked[: window.start]} {masked[window.end :]}"
    search_text = tidy(operators.unmask(masked)) or tidy(operators.unmask(operators.masked))
    if not re.search(r"\w", search_text):
        raise QuestionError(f"The question {typed[:60]!r} holds no words to search for. Type a question.")
    language = guess_language(typed)
    return Question(
        text=typed,
        search_text=search_text,
        phrases=operators.phrases,
        required=operators.required,
        excluded=operators.excluded,
        published_after=window.first if window else None,
        published_before=window.last if window else None,
        window_is_soft=bool(window and window.soft),
        present=as_of is not None or asks_of_the_present(operators.masked),
        sources=sources,
        expects=expected_answer(operators.unmask(operators.masked), language),
        language=language,
        content_words=content_words(search_text),
        names=find_names(operators.unmask(undated)),
        numbers=tuple(dict.fromkeys(_NUMBER.findall(search_text))),
    )


def _day(moment: date | None) -> date | None:
    return moment.date() if isinstance(moment, datetime) else moment
