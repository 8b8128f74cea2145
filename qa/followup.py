"""A follow-up made into a question that can be searched by itself.

"and in Guatemala?" takes the last question and puts Guatemala where it named another place; "when did he say
that?" keeps its words and takes along whom and what the last turn was about. No model, so the result reads
roughly, but it holds the words that a search needs, and asks for the same type of answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from qa.question import MAX_CHARACTERS, content_words, find_names, fold, guess_language, read_window

TURNS = 3  # older turns are no longer what "he" or "there" means
_CONTEXT_WORDS = 16
_ANSWER_NAMES = 3
_SELF_CONTAINED = 6  # with more content words than these, a pronoun means something said in the question itself

_MARKS = re.compile(r"\s*\[\d+(?:\s*,\s*\d+)*\]")
_WORD = re.compile(r"[^\W_]+(?:[.'’-][^\W_]+)*")
_AND = re.compile(
    r"^[\s¿¡]*(?:and what about|what about|how about|(?:and|but|so|also)\b|y qu[eé] hay de|qu[eé] hay de|y qu[eé] tal|"
    r"qu[eé] tal|y|e|pero)\b[\s,]*",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(
    r"^(in|on|at|for|from|with|during|since|by|to|en|de|del|para|con|durante|desde|por|a)\s+", re.I
)
_ASKS = re.compile(
    r"\b(?:what|which|who|whom|whose|when|where|why|how|is|are|was|were|do|does|did|has|have|had|can|could|will|would)\b"
    r"|\b(?:por que|que|cual(?:es)?|quien(?:es)?|cuando|donde|como|cuant[oa]s?|es|fue|son|fueron|ha|han|hubo|hay)\b"
)
_OPENING = re.compile(
    r"^(?:what|which|who|whom|whose|when|where|why|how(?: many| much| old| long| far| often)?"
    r"|(?:por |a |para )?que|cual(?:es)?|quien(?:es)?|cuando|a?donde|como|cuant[oa]s?)\b"
)
_AUX = r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might)"
_PRONOUN = re.compile(
    r"\b(?:he|she|it|they|him|her|his|hers|its|them|their|theirs|this|that|these|those|there|the (?:former|latter|same)"
    r"|el(?=\s*\?|\s*$)|ella|ellos|ellas|eso|esto|esos|esas|alli|ahi|alla)\b"
)
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
# Adjectives that name a place, by their stems in English and Spanish, and the place in each language.
_NATIONS = (
    (r"american|estadounidense", "United States", "Estados Unidos"),
    (r"argentine|argentinian|argentino", "Argentina", "Argentina"),
    (r"brazilian|brasilen", "Brazil", "Brasil"),
    (r"british|britanic", "Britain", "Gran Bretaña"),
    (r"canadian|canadiense", "Canada", "Canadá"),
    (r"chilean|chilen", "Chile", "Chile"),
    (r"chinese", "China", "China"),
    (r"colombian", "Colombia", "Colombia"),
    (r"cuban", "Cuba", "Cuba"),
    (r"ecuadorian|ecuatorian", "Ecuador", "Ecuador"),
    (r"french|franceses", "France", "Francia"),
    (r"german|aleman", "Germany", "Alemania"),
    (r"guatemalan|guatemaltec", "Guatemala", "Guatemala"),
    (r"honduran|honduren", "Honduras", "Honduras"),
    (r"indian", "India", "India"),
    (r"israeli", "Israel", "Israel"),
    (r"italian", "Italy", "Italia"),
    (r"japanese|japones", "Japan", "Japón"),
    (r"mexican", "Mexico", "México"),
    (r"peruvian|peruan", "Peru", "Perú"),
    (r"portuguese|portugues", "Portugal", "Portugal"),
    (r"russian|rus", "Russia", "Rusia"),
    (r"salvadoran|salvadoren", "El Salvador", "El Salvador"),
    (r"spanish|espanol", "Spain", "España"),
    (r"ukrainian|ucranian", "Ukraine", "Ucrania"),
    (r"venezuelan|venezolan", "Venezuela", "Venezuela"),
)


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
    remark = _remark(question)
    if remark:
        completed = _substitute(remark, subject)
    elif _depends(question):
        completed = _append(question, subject, answer)
    else:
        return question
    return completed if len(completed) <= MAX_CHARACTERS else question


# --- does it stand by itself? -----------------------------------------------------------------------------------


def _remark(question: str) -> str:
    """The X of "and X?", "what about X?" or a bare "Guatemala?"; "" where the question asks something itself."""
    opening = _AND.match(question)
    rest = question[opening.end() if opening else 0 :].strip(" \t\n?¿!.,")
    if not rest or len(rest.split()) > 6 or _ASKS.search(fold(rest)) or _PRONOUN.search(fold(rest)):
        return ""
    if opening:
        return rest
    bare = question.rstrip().endswith("?") and len(rest.split()) <= 3
    return rest if bare and (find_names(f"to {rest}") or _PREPOSITION.match(rest)) else ""


def _depends(question: str) -> bool:
    """Whether a question leans on what was said before."""
    if _AND.match(question):
        return True
    folded = re.sub(r"^[\s¿¡]+", "", fold(question))
    names, words = find_names(question), content_words(_cut(question, _window(question)))
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
    pronoun = _PRONOUN.search(said)
    if not pronoun:
        return False
    offset = len(question) - len(folded)
    before = question[: offset + pronoun.start()]
    if find_names(before):
        return False
    if not content_words(before) or _INVERTED.match(said):
        return True
    return not named and bool(_POINTS_BACK.search(said))


# --- completing it ----------------------------------------------------------------------------------------------


def _substitute(remark: str, subject: str) -> str:
    """The last question with the remark in the place of what is of its kind; after it where nothing is."""
    preposition = _PREPOSITION.match(remark)
    value = remark[preposition.end() :] if preposition else remark
    if preposition and preposition[1].lower() in ("in", "en") and (moved := _move(value, remark, subject)):
        return moved
    slot = _date_slot(remark, subject) or _name_slot(value, preposition[1].lower() if preposition else "", subject)
    if slot:
        start, end, text = slot
        return subject[:start] + text + subject[end:]
    return f"{subject.rstrip(' ?!.')}, {remark}?"


def _move(value: str, remark: str, subject: str) -> str:
    """The last question asked of another place, where an adjective named its place; else "".

    "Which Mexican states border Guatemala?" asked "in Guatemala" is about states that border Mexico.
    """
    if _window(remark):
        return ""
    folded = fold(subject)
    for stems, english, spanish in _NATIONS:
        adjective = re.search(
            rf"\b(?:{stems})(?:o|a|e|os|as|es)?\s+(?=[^\W\d])|\s+(?:{stems})(?:o|a|os|as|es)\b", folded
        )
        if not adjective or fold(value) == fold(english):
            continue
        nation = spanish if guess_language(subject) == "es" else english
        start, end = adjective.span()
        rest = f"{subject[:start]}{' ' if adjective[0][0] == ' ' else ''}{subject[end:].lstrip()}"
        there = re.search(rf"\b{re.escape(fold(value))}\b", fold(rest))
        if there:
            rest = f"{rest[: there.start()]}{nation}{rest[there.end() :]}"
        return f"{rest.rstrip(' ?!.')}, {remark}?"
    return ""


def _date_slot(remark: str, subject: str) -> tuple[int, int, str] | None:
    """Where the last question names its time, if the remark is a time."""
    year = re.fullmatch(r"(?:\w+ )?((?:1[89]|20)\d\d)", remark)
    if not year and not _window(remark) and not _window(f"in {remark}"):
        return None
    asked = _window(subject)
    named = re.search(r"\b(?:1[89]|20)\d\d\b", subject)
    if year and named:
        # Only the year changes: "the World Cup in 2018", "the 2018 World Cup", "in June 2018".
        return (*named.span(), year[1])
    if not asked:
        return None
    bare = not _PREPOSITION.match(remark) and not _window(remark)
    return asked[0], asked[1], f"in {remark}" if bare else remark


def _window(text: str) -> tuple[int, int] | None:
    window = read_window(text, date.today())
    return (window.start, window.end) if window else None


def _cut(text: str, span: tuple[int, int] | None) -> str:
    return f"{text[: span[0]]} {text[span[1] :]}" if span else text


def _name_slot(value: str, preposition: str, subject: str) -> tuple[int, int, str] | None:
    """Where the last question has the name that the remark replaces.

    The last one after the same preposition, else after any, where the remark has one; else the last of all.
    """
    if fold(value) in fold(subject):
        return None
    if not find_names(f"to {value}") and not value.islower():
        return None
    spans = [(m.start(), m.end()) for name in find_names(subject) for m in re.finditer(re.escape(name), subject)]
    if value.islower() and not preposition and not subject.islower():
        return None  # "and the rivers?" is no name
    ranked = sorted(spans, key=lambda span: (_fit(subject[: span[0]], preposition), span[0]))
    if not ranked or (preposition and _fit(subject[: ranked[-1][0]], preposition) == 0):
        return None
    return (*ranked[-1], value)


def _fit(before: str, preposition: str) -> int:
    """2 after the same preposition, 1 after any, 0 after none; all alike where the remark has none."""
    if not preposition:
        return 0
    found = re.search(r"\b(\w+)\s+(?:(?:the|el|la|los|las)\s+)?$", before.lower())
    if not found:
        return 0
    return 2 if found[1] == preposition else int(bool(_PREPOSITION.match(found[1] + " ")))


def _append(question: str, subject: str, answer: str) -> str:
    """The question, then in brackets whom and what the last turn was about."""
    opening = _AND.match(question)
    core = question[opening.end() if opening else 0 :].strip().rstrip("?!. ") or question.strip()
    core = core.lstrip("¿¡ ")
    present = set(content_words(core))
    context: list[str] = []
    candidates = _subject_words(subject, with_time=_window(core) is None)
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
    if window := _window(text):
        time = [text[slice(*window)].strip()] if with_time else []
        text = _cut(text, window)
    words = [match[0] for match in _WORD.finditer(text) if content_words(match[0])]
    return words[: _CONTEXT_WORDS - len(time)] + time


def _answer_names(answer: str) -> list[str]:
    """The first names in the answer's first sentence."""
    sentence = re.split(r"(?<=[^A-Z][.!?])\s+", answer.strip(), maxsplit=1)[0]
    return list(find_names(sentence[:400]))[:_ANSWER_NAMES]
