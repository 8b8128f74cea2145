"""Words and sentences of English and Spanish, as questions and articles are read."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_QUESTION_WORDS = frozenset(
    """what which who whom whose when where why how
    que cual cuales quien quienes cuando donde adonde como cuanto cuanta cuantos cuantas""".split()
)
_ENGLISH = frozenset(
    """a about after again all also am an and any are as at be because been before being between both but by can
    could did do does doing during each else few for from had has have having he her here hers him his i if in into
    is it its itself just many may me might more most much must my name no nor not now of off on once one only or
    other others our out over own please same shall she should so some such than that the their theirs them then
    there these they this those through to too under until up us very was we were while will with would you your
    according tell say said says article articles published true false list currently current latest recent
    recently newest today since happen happened happens""".split()
)
_SPANISH = frozenset(
    """a al algo ante antes aquel aquella asi aun aunque bajo cada con contra de del desde despues dijo dice donde
    durante e el ella ellas ello ellos en entre era eran es esa esas ese eso esos esta estaba estan estas este esto
    estos fue fueron fuera ha haber habia habian hace hacia han hasta hay he hizo hoy hubo la las le les lo los mas
    me mi mientras mis mismo mucha muchas mucho muchos muy nada ni no nos nosotros o otra otras otro otros para pero
    poco por porque puede pueden se segun ser si sido sin sobre son su sus tal tambien tan tanto te tiene tienen
    todo todos tras tu tus u un una unas uno unos y ya yo articulo articulos publicado publicada publicados
    publicadas nombra menciona actual actuales actualmente ahora reciente recientes
    paso ocurrio sucedio""".split()
)
STOP_WORDS = _QUESTION_WORDS | _ENGLISH | _SPANISH
# Words of one language only, so that each is evidence; names and bare nouns are none.
_ENGLISH_SIGNS = (_ENGLISH - _SPANISH) | {"what", "which", "who", "whose", "when", "where", "why", "how"}
_SPANISH_SIGNS = (_SPANISH - _ENGLISH - {"hay", "son", "tan", "era"}) | (_QUESTION_WORDS & {"que", "cual", "cuales"})
_SPANISH_SIGNS |= {"quien", "quienes", "cuando", "donde", "como", "cuanto", "cuantos", "cuantas"}
WORD = re.compile(r"[^\W_]+(?:[.'’][^\W_]+)*")


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    return (unicodedata.normalize("NFD", character)[:1].lower() or character)[:1]


def fold(text: str) -> str:
    """Lower case without accents, character for character, so that offsets stay right."""
    return text.lower() if text.isascii() else "".join(map(_fold_character, text))


def content_words(text: str) -> tuple[str, ...]:
    """The words that carry meaning, folded, in order, each once; the same reading serves a question and a passage.

    Hyphenated words count as their parts. Stop words are those of both languages, but "US", "UN" or "WHO" in
    capitals is a name.
    """
    text = unicodedata.normalize("NFC", text)
    shouted = text.isupper()
    words: dict[str, None] = {}
    for match in WORD.finditer(text):
        typed = match[0]
        word = re.sub(r"['’](?:s|re|ve|ll|d|m|t)?$", "", fold(typed)).replace(".", "" if typed[1:2] == "." else ".")
        is_name = typed.isupper() and len(typed) > 1 and not shouted
        if is_name or (word not in STOP_WORDS and (len(word) > 1 or word.isdigit())):
            words[word] = None
    return tuple(words)


def guess_language(text: str) -> str:
    """Spanish where its function words outnumber the English ones, or its marks stand there; else English."""
    if re.search(r"[¿¡]", text):
        return "es"
    words = [match[0] for match in WORD.finditer(fold(unicodedata.normalize("NFC", text)))]
    spanish = sum(word in _SPANISH_SIGNS for word in words) + ("ñ" in text.lower())
    return "es" if spanish > sum(word in _ENGLISH_SIGNS for word in words) else "en"


_SENTENCE_BREAK = re.compile(
    r"(?<![A-Z]\.)(?<!\b(?:Mr|Dr|St|Jr|Sr|No)\.)(?<!\b(?:Mrs|Gen|Gov|Sen|Rep)\.)(?<=[.!?])\s+(?=[^a-z\s])"
)


def asking_sentence(text: str) -> tuple[int, int]:
    """Where the sentence stands that asks: the last with a question mark, else the whole text."""
    starts = [0, *(match.end() for match in _SENTENCE_BREAK.finditer(text))]
    for start, end in reversed(list(zip(starts, [*starts[1:], len(text)], strict=True))):
        if "?" in text[start:end]:
            return start, end
    return 0, len(text)
