"""A follow-up made into a question that can be searched by itself.

"and in Guatemala?" takes the last question and puts Guatemala where it named another place; "when did he say
that?" keeps its words and takes along whom and what the last turn was about. No model, so the result reads
roughly, but it holds the words that a search needs, and asks for the same type of answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.language import content_words, fold, guess_language
from qa.names import find_names
from qa.question import MAX_CHARACTERS
from qa.remark import AND, PRONOUN, date_span, put_in_place, read_remark

TURNS = 3  # older turns are no longer what "he" or "there" means
_CONTEXT_WORDS = 16
_ANSWER_NAMES = 3
_SELF_CONTAINED = 6  # with more content words than these, a pronoun means something said in the question itself

_MARKS = re.compile(r"\s*\[\d+(?:\s*,\s*\d+)*\]")
_WORD = re.compile(r"[^\W_]+(?:[.'’-][^\W_]+)*")
_OPENING = re.compile(
    r"^(?:what|which|who|whom|whose|when|where|why|how(?: many| much| old| long| far| often)?"
    r"|(?:por |a |para )?que|cual(?:es)?|quien(?:es)?|cuando|a?donde|como|cuant[oa]s?)\b"
)
_AUX = r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might)"
# "lo dijo", "la firmaron": a clitic before what ends like a verb; before a noun it is an article.
_CLITIC = re.compile(
    r"\b(?:quien(?:es)?|que|cuando|donde|como|cuantos)\s+(?:se )?(?:lo|la|los|las|le|les)\s+"
    r"(?:ha|han|habia|hizo|dijo|dijeron|puso|dio|\w+(?:aron|ieron|io|ia|ian|aba|aban|ara|aran|o))\b(?!\s+\w+\s+\w+)"
)
# Words that look like pronouns and point at nothing said before.
_POINTLESS = re.compile(
    rf"\bthis (?:week|month|year|morning|weekend|season|summer|spring|fall|winter)\b|\b{_AUX} there\b"
    r"|\bwhich (?:one )?of (?:these|those) \w+"
    r"|\bit (?:is |was )?(?:not )?(?:takes?|took|costs?|possible|true|legal|illegal|safe|likely|necessary|rain|snow)\b"
    r"(?=.*\w{3})"
    r"|\bthere (?:is|are|was|were)\b"
)
_INVERTED = re.compile(rf"^(?:\S+ ){{0,4}}?{_AUX} (?:he|she|it|they)\b")
_MORE = re.compile(r"\b(?:else|other|others|another|more|mas|otro|otra|otros|otras|tambien)\b")
_POINTS_BACK = re.compile(r"\b(?:it|that|this|them|him|her|there|so|eso|esto|ello|alli|ahi)\W*$")
_DEFINITION = re.compile(r"^(?:what|who|que|quien|cual) (?:is|are|was|were|es|son|fue|era)\b")


def standalone(question: str, history: Sequence[tuple[str, str]]) -> str:
    """The question with what it leaves unsaid taken from the last turns; unchanged where it stands by itself.

    Args:
        question: what the user asks now.
        history: earlier (question, answer) turns, oldest first; only the last three count.
    """
    subject, answer = "", ""
    for turn in list(history or ())[-TURNS:]:
        if not isinstance(turn, (tuple, list)) or len(turn) != 2:
            continue
        asked, answered = (part if isinstance(part, str) else "" for part in turn)
        if asked.strip():
            subject, answer = _complete(asked, subject, answer), _MARKS.sub("", answered)
    return _complete(question, subject, answer)


def _complete(question: str, subject: str, answer: str) -> str:
    """One follow-up completed from the turn before it."""
    if not subject or not question.strip():
        return question
    remark = read_remark(question)
    if remark:
        completed = put_in_place(remark, subject)
    elif _depends(question):
        completed = _append(question, subject, answer)
    else:
        return question
    return completed if len(completed) <= MAX_CHARACTERS else question


def _depends(question: str) -> bool:
    """Whether a question leans on what was said before."""
    if AND.match(question):
        return True
    folded = re.sub(r"^[\s¿¡]+", "", fold(question))
    names, words = find_names(question), content_words(_cut(question, date_span(question)))
    if not words or (not names and len(words) <= 2 and _MORE.search(folded)):
        return True
    bare = not names and len(words) == 1 and not re.search(r"\d", question)
    if bare and _OPENING.match(folded) and not _DEFINITION.match(folded):
        return True
    if len(words) > _SELF_CONTAINED:
        return False
    return bool(_CLITIC.search(folded)) or _has_loose_pronoun(question, folded, bool(names))


def _has_loose_pronoun(question: str, folded: str, named: bool) -> bool:
    """Whether a pronoun stands there before anything that it could mean."""
    said = _POINTLESS.sub(lambda match: "-" * len(match[0]), folded)
    pronoun = PRONOUN.search(said)
    if not pronoun:
        return False
    offset = len(question) - len(folded)
    before = question[: offset + pronoun.start()]
    if find_names(before):
        return False
    if not content_words(before) or _INVERTED.match(said):
        return True
    return not named and bool(_POINTS_BACK.search(said))


def _append(question: str, subject: str, answer: str) -> str:
    """The question, then in brackets whom and what the last turn was about."""
    opening = AND.match(question)
    core = question[opening.end() if opening else 0 :].strip().rstrip("?!. ") or question.strip()
    core = core.lstrip("¿¡ ")
    present = set(content_words(core))
    context: list[str] = []
    candidates = _subject_words(subject, with_time=date_span(core) is None)
    if not _MORE.search(fold(core)):  # "who else?" must not search for those already named
        candidates += _answer_names(answer)
    for candidate in candidates:
        words = set(content_words(candidate))
        if not words <= present:
            context.append(candidate)
            present |= words
    if not context:
        return question
    mark = "¿" if guess_language(question) == "es" or "¿" in subject else ""
    return f"{mark}{core} ({' '.join(context[:_CONTEXT_WORDS])})?"


def _subject_words(subject: str, *, with_time: bool) -> list[str]:
    """What carries meaning in the last question, as typed and in order, with its date phrase last."""
    text = re.sub(r"(?<!\S)-(?:[\"“«][^\"”»]*[\"”»]|[^\W\d_]\S*)", " ", subject)
    time: list[str] = []
    if window := date_span(text):
        time = [text[slice(*window)].strip()] if with_time else []
        text = _cut(text, window)
    words = [match[0] for match in _WORD.finditer(text) if content_words(match[0])]
    return words[: _CONTEXT_WORDS - len(time)] + time


def _answer_names(answer: str) -> list[str]:
    """The first names in the answer's first sentence."""
    sentence = re.split(r"(?<=[^A-Z][.!?])\s+", answer.strip(), maxsplit=1)[0]
    return list(find_names(sentence[:400]))[:_ANSWER_NAMES]


def _cut(text: str, span: tuple[int, int] | None) -> str:
    return f"{text[: span[0]]} {text[span[1] :]}" if span else text
