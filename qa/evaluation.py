"""How well an assistant does on a test set: right, backed by the right article, and silent where it should be."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.errors import QuestionError, SourceError
from ingest.records import Article
from qa.language import fold
from qa.records import Answer, Citation

if TYPE_CHECKING:
    from qa.assistant import Assistant

ARTICLES = {"en": {"a", "an", "the"}, "es": {"el", "la", "los", "las", "un", "una", "unos", "unas"}}
QUOTE_SHARE = 0.5  # of the gold quote's words, that a citation must repeat to count as the same statement


@dataclass(frozen=True, slots=True)
class Gold:
    """One question of a test set with what a good answer says and rests on.

    answers: accepted answers; the parts of one are separated by ";", and all of them are needed.
    supports: (article, quote) of everything the answer rests on; an article is named by its url, else its path.
    """

    id: str
    question: str
    answers: tuple[str, ...]
    kind: str
    supports: tuple[tuple[str, str], ...]
    as_of: date | None
    history: tuple[tuple[str, str], ...]
    language: str
    line: int

    @property
    def answerable(self) -> bool:
        """Whether the articles hold an answer."""
        return bool(self.answers)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one question.

    right: not abstained, and the text holds an accepted answer.
    supported: the citations reach every article or statement that the gold answer rests on.
    seconds: from asking to the whole answer, in a process that has loaded its model.
    """

    id: str
    kind: str
    answerable: bool
    abstained: bool
    right: bool
    supported: bool
    seconds: float
    text: str

    @property
    def attributed(self) -> bool:
        """Right, and for the right reason."""
        return self.right and self.supported


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The outcomes of a test set, in its order."""

    testset: str
    outcomes: tuple[Outcome, ...]

    def to_dict(self) -> dict[str, Any]:
        """Scores overall and by kind, and every outcome, as plain JSON values; shares are in [0, 1]."""
        return {
            "testset": self.testset,
            "overall": _scores(self.outcomes),
            "kinds": {kind: _scores(outcomes) for kind, outcomes in self._by_kind().items()},
            "questions": [{**asdict(outcome), "attributed": outcome.attributed} for outcome in self.outcomes],
        }

    def to_text(self) -> str:
        """A table by kind: counts of the questions that each column is about, their share, and the latency."""
        header = ("kind", "n", "right", "attributed", "refused", "false refusals", "p50", "p95")
        rows = [header, *(_row(kind, outcomes) for kind, outcomes in self._by_kind().items())]
        rows.append(_row("overall", self.outcomes))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows]
        return "\n".join(
            [
                *lines,
                "",
                "right, attributed, false refusals: of the questions that can be answered; refused: of the others.",
                "attributed: right, and the citations reach what the accepted answer rests on.",
            ]
        )

    def _by_kind(self) -> dict[str, list[Outcome]]:
        kinds = dict.fromkeys(outcome.kind for outcome in self.outcomes)
        return {kind: [outcome for outcome in self.outcomes if outcome.kind == kind] for kind in kinds}


def evaluate(
    testset: Path, assistant: Assistant, *, on_progress: Callable[[str, int, int | None], None] | None = None
) -> Evaluation:
    """Ask every question of a test set and judge the answers.

    Args:
        testset: JSONL, one question a line, as corpus/README.md lays down.
        assistant: whom to ask.
        on_progress: told the stage, the questions asked, and how many there are.

    Raises:
        SourceError: the file, or a line of it, cannot be used.
    """
    questions = list(load_testset(testset))
    if not questions:
        raise SourceError(f"{testset} holds no questions; give a JSONL file with one question a line")
    outcomes = []
    assistant.retrieve(questions[0].question)  # loads the model, which is no part of a question's latency
    for number, gold in enumerate(questions, 1):
        try:
            started = time.perf_counter()
            answer = assistant.answer(gold.question, history=gold.history, as_of=gold.as_of)
            outcomes.append(judge(gold, answer, time.perf_counter() - started))
        except QuestionError as error:
            raise SourceError(f"{testset}, line {gold.line}: the question cannot be asked: {error}") from error
        if on_progress:
            on_progress("asking", number, len(questions))
    return Evaluation(str(testset), tuple(outcomes))


def judge(gold: Gold, answer: Answer, seconds: float) -> Outcome:
    """What an answer is worth against the gold one."""
    said = re.sub(r"\[\d+\]", " ", answer.text)
    right = not answer.abstained and any(
        all(contains(said, part, gold.language) for part in accepted.split(";") if part.strip())
        for accepted in gold.answers
    )
    supported = bool(gold.supports) and all(
        any(_backs(citation, article, quote, gold.language) for citation in answer.citations)
        for article, quote in gold.supports
    )
    return Outcome(gold.id, gold.kind, gold.answerable, answer.abstained, right, supported, seconds, answer.text)


def normalise(text: str, language: str = "en") -> str:
    """Lower case, without accents, punctuation and articles, single spaces (as SQuAD does it, accents apart)."""
    articles = ARTICLES.get(language, ARTICLES["en"])
    return " ".join(word for word in re.sub(r"[^\w\s]|_", "", fold(text)).split() if word not in articles)


def contains(text: str, answer: str, language: str = "en") -> bool:
    """Whether the text holds the answer, both normalised, on word borders; never where nothing is left of it."""
    wanted = normalise(answer, language)
    return bool(wanted) and f" {wanted} " in f" {normalise(text, language)} "


def load_testset(path: Path) -> Iterator[Gold]:
    """The questions of a test set, in order.

    Raises:
        SourceError: the file cannot be read, or a line of it is no question; names the file and the line.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"the test set {path} cannot be read: {error}; give a JSONL file in UTF-8") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield _gold(json.loads(line), number)
            except (ValueError, TypeError, KeyError) as error:
                problem = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
                raise SourceError(
                    f"{path}, line {number}: not a question ({problem}); mend the line or take it out"
                ) from error


def _gold(value: Any, line: int) -> Gold:  # noqa: ANN401 - whatever a line of JSON may hold
    if not isinstance(value, dict):
        raise TypeError("it is not a JSON object")
    question, answers = value["question"], value.get("answers", [])
    if not isinstance(question, str) or not question.strip():
        raise ValueError("'question' is not text")
    if not isinstance(answers, list) or not all(isinstance(a, str) and a.strip() for a in answers):
        raise ValueError("'answers' is not a list of texts")
    if value.get("answerable", bool(answers)) is not bool(answers):
        raise ValueError("'answerable' says otherwise than 'answers'")
    parts = value.get("quotes") or [{"article": value.get("article", ""), "quote": value.get("quote", "")}]
    supports = tuple((part["article"], part["quote"]) for part in parts if part["article"] or part["quote"])
    return Gold(
        id=str(value.get("id", line)),
        question=question,
        answers=tuple(answers),
        kind=str(value.get("kind", "") or "unlabelled"),
        supports=supports if answers else (),
        as_of=date.fromisoformat(value["as_of"]) if value.get("as_of") else None,
        history=tuple((str(asked), str(answered)) for asked, answered in value.get("history") or ()),
        language=str(value.get("language") or "en"),
        line=line,
    )


def _backs(citation: Citation, article: str, quote: str, language: str) -> bool:
    if article and any(_is(cited, article) for cited in (citation.article, *citation.also_in)):
        return True
    gold, cited = (Counter(normalise(text, language).split()) for text in (quote, citation.quote))
    return gold.total() > 0 and (gold & cited).total() >= QUOTE_SHARE * gold.total()


def _is(cited: Article, name: str) -> bool:
    """Whether a gold article is this one: by url, else by the path it was read from."""
    return cited.url == name if cited.url else f"/{Path(cited.origin).as_posix()}".endswith(f"/{name}")


def _scores(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    answerable = [outcome for outcome in outcomes if outcome.answerable]
    unanswerable = [outcome for outcome in outcomes if not outcome.answerable]
    p50, p95 = _latency(outcomes)
    return {
        "n": len(outcomes),
        "answerable": len(answerable),
        "right": _share([outcome.right for outcome in answerable]),
        "attributed": _share([outcome.attributed for outcome in answerable]),
        "false_refusals": _share([outcome.abstained for outcome in answerable]),
        "refused": _share([outcome.abstained for outcome in unanswerable]),
        "seconds_p50": round(p50, 6),
        "seconds_p95": round(p95, 6),
    }


def _row(kind: str, outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    answerable = [outcome for outcome in outcomes if outcome.answerable]
    return (
        kind,
        str(len(outcomes)),
        _counted([outcome.right for outcome in answerable]),
        _counted([outcome.attributed for outcome in answerable]),
        _counted([outcome.abstained for outcome in outcomes if not outcome.answerable]),
        _counted([outcome.abstained for outcome in answerable]),
        *(f"{seconds * 1000:.0f} ms" for seconds in _latency(outcomes)),
    )


def _counted(marks: Sequence[bool]) -> str:
    return f"{sum(marks)}/{len(marks)} {sum(marks) / len(marks):4.0%}" if marks else "-"


def _share(marks: Sequence[bool]) -> float | None:
    return round(sum(marks) / len(marks), 4) if marks else None


def _latency(outcomes: Sequence[Outcome]) -> tuple[float, float]:
    """Median and 95th percentile, in seconds."""
    import numpy as np

    p50, p95 = np.percentile([outcome.seconds for outcome in outcomes], [50, 95])
    return float(p50), float(p95)
