"""Fits what the reader makes of its readings: which candidate is right, how sure one may be, when to abstain.

    python -m qa.reader.calibrate DATA LIBRARY [--work FOLDER] [--seed 0]

DATA is as for qa.reader.train, LIBRARY a library that holds the articles of RealTime QA 2022. Asked are: the quiz
questions of 2022, as of their day; those of 2024 as of the end of 2022, which has no answer to them but by chance; both
once more of the library thinned by chance to a third and a tenth of its articles, since most people's libraries tell a
story once or not at all; questions of the span sets over their own paragraph and three others of the same article, a
third of them without their own; and the questions of corpus/practice over its articles. Only groups that the network
never saw are asked: on what it learned from it is surer than it will ever be again. Confidence and threshold come from
a cross-validation over the groups, the weights in the end from all of them.
Writes fitted.json into the package and prints what was measured.
"""

from __future__ import annotations

import argparse
import json
import pickle
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from ingest.embed import PassageEmbeddings
from ingest.library import Library
from ingest.pipeline import ingest
from ingest.records import Article, Passage
from qa.assistant import PASSAGES, Assistant
from qa.evaluation.abstaining import reliability
from qa.evaluation.answers import token_f1
from qa.evaluation.records import Row
from qa.evaluation.testset import load
from qa.overlap import Overlap
from qa.question import Question, understand
from qa.reader.answerer import READ_PASSAGES, read_best
from qa.reader.candidates import FEATURES, FITTED, answer_key, candidates, features
from qa.reader.examples import Example, held_out
from qa.reader.reading import Reader
from qa.records import ScoredPassage

PRACTICE = Path(__file__).parents[2] / "corpus" / "practice"
BEFORE_THE_NEWS = date(2022, 12, 31)  # of 2024
FOLDS = 5
SPAN_QUESTIONS = 900
THINNED = (0.3, 0.1)  # shares of the articles that a small library still holds
DEEP = 80  # passages found before the thinning
SPAN_KINDS = ("squad2_dev_half", "new_wiki", "squad_es_v2")
RIGHT_F1 = 0.67  # of words shared with the accepted answer, for a candidate to count as right
SOURCES = {
    "squad2_dev_half": "SQuAD 2.0, CC BY-SA 4.0",
    "squad_es_v1": "SQuAD-es, CC BY 4.0",
    "squad_es_v2": "SQuAD-es, CC BY 4.0",
    **dict.fromkeys(("new_wiki", "reddit", "amazon"), "SQuADShifts, CC BY 4.0"),
    **dict.fromkeys(("news", "evidence"), "RealTime QA 2022 and 2024"),
    **dict.fromkeys(("lessons", "lessons_es"), "written for it: corpus/lessons, CC0 1.0"),
}
CARD = """# The reader

A network that finds the answer to a question in a passage of news: all-MiniLM-L6-v2 (Apache 2.0) with its six layers
trained on, its word and place embeddings left as they are, and three small heads: where an answer starts, where it
ends, whether the passage answers. English; Spanish to a lesser degree. It knows nothing that is not in the passage.

Its layers are kept in 8-bit integers, with a scale a column, in `reader.safetensors`; `reader.onnx` is the graph
without weights; `fitted.json` weighs what it says. This page is written by `python -m qa.reader.calibrate`.

## Learned from

| set | examples | source |
|---|---|---|
{sets}

XQuAD's paragraphs, in either language, were left out by text and by question id; an eighth of the articles and weeks
was kept apart. The news sets have no marked answers: a passage counts as answering where it holds the quiz's answer and
shares enough words with the question or the quiz's evidence. The lessons were written by a language model that was told
what the reader fails at. {steps} steps ({settings}), last loss {loss}.

The shipped weights are a mean of what this training came to and of earlier ones. TRAININGS.md tells of each.

## Measured on what was kept apart

{asked} questions were asked as qa/reader/calibrate.py says, none of which the network saw. These figures are
cross-validated over the groups; `fitted.json` is fitted on all of them. A question counts as answerable where one of
the {read} passages that are read holds an accepted answer; right is a word F1 of at least 0.67. The sets for testing
only are read by `make bench`; README.md has the figures.

{measured}
"""
FALSE_REFUSALS = 0.06  # of the questions whose answer stands in what was read


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the passages it is answered from.

    answers: accepted ones; none where the passages cannot answer.
    """

    question: Question
    passages: list[ScoredPassage]
    answers: tuple[str, ...]
    kind: str
    group: str

    @property
    def answerable(self) -> bool:
        """Whether what is read holds an accepted answer."""
        read = [f" {answer_key(scored.passage.text)} " for scored in self.passages[:READ_PASSAGES]]
        return any(f" {answer_key(answer)} " in text for answer in self.answers for text in read)


@dataclass(frozen=True, slots=True)
class Judged:
    """One asked question's candidates: their features, and which are right."""

    table: NDArray[np.float64]
    right: NDArray[np.bool_]
    answerable: bool
    kind: str
    group: str


def main() -> None:
    """Gather, read, fit, write."""
    options = _options()
    asked = _kept(options.work / "asked.pickle", lambda: _gathered(options)) + _practice_asked(options.work)
    reader = Reader()
    print("reading", file=sys.stderr)
    judged = [_judged(reader, item) for item in asked]
    best, right = _cross_validated(judged)
    has_any = np.isfinite(best)
    trust = LogisticRegression(C=10.0).fit(best[has_any, None], right[has_any])
    slope, shift = float(trust.coef_[0][0]), float(trust.intercept_[0])
    sure = 1 / (1 + np.exp(-(slope * best + shift)))
    answerable = np.array([one.answerable for one in judged])
    threshold = float(np.quantile(sure[answerable], FALSE_REFUSALS))
    model = _model(judged)
    values = {
        "weights": {name: round(float(weight), 4) for name, weight in zip(FEATURES, model.coef_[0], strict=True)},
        "bias": round(float(model.intercept_[0]), 4),
        "slope": round(slope, 4),
        "shift": round(shift, 4),
        "abstain_below": round(threshold, 3),
    }
    FITTED.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    measured = _measured(judged, sure, right, answerable, threshold)
    FITTED.with_name("CARD.md").write_text(_card(asked, measured, options.work), encoding="utf-8")
    print(measured)


def _model(judged: Sequence[Judged]) -> LogisticRegression:
    model = LogisticRegression(C=1.0, max_iter=3000)
    return model.fit(np.concatenate([one.table for one in judged]), np.concatenate([one.right for one in judged]))


def _cross_validated(judged: Sequence[Judged]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Of each question, the likeliest candidate's log-odds, -inf without one, and whether it is right.

    Each is weighed by a model that was fitted on other groups.
    """
    best, right = np.full(len(judged), -np.inf), np.zeros(len(judged), bool)
    groups = [one.group for one in judged]
    for others, these in GroupKFold(FOLDS).split(groups, groups=groups):
        model = _model([judged[i] for i in others])
        for i in these:
            if len(judged[i].right):
                logits = judged[i].table @ model.coef_[0] + model.intercept_[0]
                best[i], right[i] = logits.max(), judged[i].right[logits.argmax()]
    return best, right


def _measured(
    judged: list[Judged],
    sure: NDArray[np.float64],
    right: NDArray[np.bool_],
    answerable: NDArray[np.bool_],
    threshold: float,
) -> str:
    """What was measured, as Markdown."""
    kinds = np.array([one.kind for one in judged])
    lines = ["| questions | n | answerable | of these right | of the others refused |", "|---|---|---|---|---|"]
    for kind in sorted(set(kinds)):
        able, not_able = (kinds == kind) & answerable, (kinds == kind) & ~answerable
        refused = _share(sure[not_able] < threshold)
        lines.append(f"| {kind} | {(kinds == kind).sum()} | {able.sum()} | {_share(right[able])} | {refused} |")
    news, later = answerable & (kinds == "news of 2022"), kinds == "news of 2024"
    if news.any() and later.any():
        marks = np.concatenate([np.ones(news.sum()), np.zeros(later.sum())])
        area = roc_auc_score(marks, np.concatenate([sure[news], sure[later]]))
        shares = [
            f"{np.mean(sure[later] < np.quantile(sure[news], share)):.0%} at {share:.0%}" for share in (0.05, 0.1)
        ]
        lines += [
            "",
            f"Answerable questions of 2022 beside those of 2024 asked before: AUROC {area:.3f}; refused at so many",
        ]
        lines += [f"false refusals: {', '.join(shares)}."]
    bands = reliability(
        [
            Row(str(i), {"answerable": True}, confidence=float(said), metrics={"right": float(was)})
            for i, (said, was) in enumerate(zip(sure, right, strict=True))
        ]
    )
    error = sum(abs(said - was) * n for said, was, n in bands) / len(sure)
    lines += [
        "",
        f"Abstains below {threshold:.3f}, which refuses {_share(sure[answerable] < threshold)} of the answerable.",
    ]
    lines += ["", f"Expected calibration error {error:.3f}:", "", "| confidence | share right | n |", "|---|---|---|"]
    lines += [f"| {said:.2f} | {was:.2f} {'█' * round(20 * was)} | {n} |" for said, was, n in bands]
    return "\n".join(lines)


def _card(asked: Sequence[Asked], measured: str, work: Path) -> str:
    """The model card: what it is, what it learned from, and how well it does."""
    lines = map(json.loads, (work / "log.jsonl").read_text(encoding="utf-8").splitlines())
    log = [line for line in lines if "loss" in line]
    settings = json.loads((work / "settings.json").read_text(encoding="utf-8"))
    learned = settings.pop("sets")
    sets = "\n".join(
        f"| {kind} | {count:,} | {SOURCES.get(kind, SOURCES['news'])} |" for kind, count in learned.items()
    )
    return CARD.format(
        sets=sets,
        steps=f"{log[-1]['of']:,}",
        loss=log[-1]["loss"],
        settings=", ".join(f"{name} {value}" for name, value in settings.items()),
        asked=len(asked),
        read=READ_PASSAGES,
        measured=measured,
    )


def _share(marks: NDArray[np.bool_]) -> str:
    return f"{marks.mean():.0%}" if len(marks) else "none"


def _judged(reader: Reader, asked: Asked) -> Judged:
    overlap = Overlap(asked.question)
    found = candidates(asked.question, read_best(reader, overlap, asked.passages))
    right = [any(token_f1(one.text, answer) >= RIGHT_F1 for answer in asked.answers) for one in found]
    return Judged(features(overlap, found), np.array(right, bool), asked.answerable, asked.kind, asked.group)


def _gathered(options: argparse.Namespace) -> list[Asked]:
    examples = pickle.loads((options.work / "examples.pickle").read_bytes())
    asked = list(_spans_asked(examples, random.Random(options.seed)))
    with Library.open(options.library) as library:
        assistant = Assistant(library)
        asked += _news_asked(assistant, options.data, 2022)
        asked += _news_asked(assistant, options.data, 2024)
    return asked


def _practice_asked(work: Path) -> list[Asked]:
    """The questions written for practice, asked of a library of their articles: a small one, about few things."""
    with Library.open(work / "practice", create=True) as library:
        ingest(library, [str(PRACTICE / "articles.jsonl")])
        assistant = Assistant(library)
        asked = []
        for gold in load(PRACTICE / "testset.jsonl").golds:
            request = assistant.understand(gold.question, as_of=gold.as_of)
            group = f"practice:{gold.supports[0].article if gold.supports else gold.id}"
            asked.append(Asked(request.question, assistant.find(request), gold.answers, "practice", group))
    return asked


def _news_asked(assistant: Assistant, data: Path, year: int) -> Iterator[Asked]:
    seen: set[str] = set()
    with (data / "realtimeqa" / f"questions-{year}.jsonl").open(encoding="utf-8") as file:
        for line in map(json.loads, file):
            group = f"news:{line['id'].partition('_')[0]}"
            if line["id"] in seen or not held_out(group):
                continue
            seen.add(line["id"])
            day = line["date"] if year == 2022 else BEFORE_THE_NEWS
            request = assistant.understand(line["question"], as_of=day, k=DEEP)
            answers = (line["answer"],) if year == 2022 else ()
            found = assistant.find(request)
            yield Asked(request.question, found[:PASSAGES], answers, f"news of {year}", group)
            for share in THINNED:
                some = _thinned(found, share, random.Random(f"{share} {line['id']}"))
                yield Asked(request.question, some, answers, f"news of {year}, {share:.0%} of the articles", group)


def _thinned(found: Sequence[ScoredPassage], share: float, chance: random.Random) -> list[ScoredPassage]:
    """The best of those passages whose articles chance leaves in the library."""
    articles = dict.fromkeys(scored.article.article_id for scored in found)
    left = {article for article in articles if chance.random() < share}
    kept = [scored for scored in found if scored.article.article_id in left][:PASSAGES]
    return [replace(scored, rank=rank) for rank, scored in enumerate(kept, 1)]


def _spans_asked(examples: Sequence[Example], chance: random.Random) -> Iterator[Asked]:
    embeddings = PassageEmbeddings()
    for kind in SPAN_KINDS:
        unseen = [one for one in examples if one.kind == kind and one.answers and held_out(one.group)]
        for one in chance.sample(unseen, min(len(unseen), SPAN_QUESTIONS // len(SPAN_KINDS))):
            others = sorted({other.context for other in unseen if other.group == one.group} - {one.context})
            texts = chance.sample(others, min(3, len(others)))
            answers = tuple(sorted({one.context[start:end] for start, end in one.answers}))
            if chance.random() < 1 / 3:
                answers = ()
            else:
                texts.append(one.context)
            question = understand(one.question)
            yield Asked(question, _scored(embeddings, question, one, texts), answers, kind, one.group)


def _scored(embeddings: PassageEmbeddings, question: Question, one: Example, texts: list[str]) -> list[ScoredPassage]:
    vectors = embeddings.encode_few([question.search_text, *(f"{one.title}\n{text}" for text in texts)])
    cosines = vectors[1:] @ vectors[0]
    scored = []
    for rank, place in enumerate(np.argsort(-cosines), 1):
        article = Article(texts[place], title=one.title, language="es" if "_es_" in one.kind else "en")
        passage = Passage(int(place), article.article_id, 0, len(texts[place]), texts[place])
        scored.append(ScoredPassage(passage, article, float(cosines[place]), rank, (), float(cosines[place])))
    return scored


def _kept(path: Path, make: Any) -> list[Asked]:  # noqa: ANN401
    if not path.exists():
        path.write_bytes(pickle.dumps(make()))
    kept = pickle.loads(path.read_bytes())
    assert isinstance(kept, list)
    return kept


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m qa.reader.calibrate", description=__doc__.partition("\n")[0])
    parser.add_argument("data", type=Path, help="folder that holds span_qa/ and realtimeqa/")
    parser.add_argument("library", type=Path, help="library that holds the articles of RealTime QA 2022")
    parser.add_argument("--work", type=Path, default=Path("build/reader"), help="folder of the training's examples")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
