"""The type of answer that a question expects: a person, a place, a list..."""

from __future__ import annotations

import re

from qa.dates import COUNTS
from qa.language import WORD, asking_sentence, fold

EXPECTED = ("person", "place", "date", "number", "list", "yesno", "why", "how", "event", "quote", "definition", "what")

_AUXILIARIES = frozenset(
    """is are was were am be been did do does has have had can could will would shall should may might must
    isn't aren't wasn't weren't didn't don't doesn't hasn't haven't won't""".split()
)
_NOT_A_NOUN = _AUXILIARIES | frozenset(
    """a an the this that these those his her their its of in on at to for from with by about and or but than as
    he she it they we you i not won became took made got said went died led lost left came will es de del en la el
    los las un una se ha han fue fueron que con por para over under after before during since until between against
    into through around who which when where if while because""".split()
)
_AFTER_VERB = frozenset("the a an of in on with el la los las con en".split())
_ADJECTIVE = re.compile(
    r"\d+|.*(?:ional|tral|ical|ural|ual|oral|ntal|obal|ocal|egal|ic|ive|ous|ern|ful|est|ese|ish|ing|ed)"
)
_UNCOUNTED = frozenset("series news sports species lens gas bus campus virus status process crisis mas tras".split())
_IRREGULAR_PLURALS = frozenset("people men women children police".split())
_PLACES = frozenset(
    """country nation state city town village place region province continent island county district capital location
    department landmark park pais estado ciudad pueblo lugar region provincia continente isla capital departamento
    municipio""".split()
)
_PERSONS = frozenset(
    """person man woman president minister senator governor mayor actor actress singer player politician leader author
    artist athlete star celebrity philanthropist musician rapper director scientist official lawmaker candidate judge
    justice general king queen pope coach driver golfer boxer billionaire persona presidente presidenta ministro
    ministra senador gobernador alcalde actor actriz cantante jugador politico lider autor autora artista candidato
    juez""".split()
)
_TIMES = frozenset("year date day month time decade century ano fecha dia mes hora siglo decada".split())
_AMOUNTS = frozenset(
    """percentage percent share proportion fraction number amount age population price cost total score temperature
    magnitude rate distance height length size speed budget value toll figure salary porcentaje numero cantidad edad
    poblacion precio costo coste total marcador temperatura magnitud tasa distancia altura cifra presupuesto valor
    saldo""".split()
)
_SAYING = (
    r"(?:say|says|said|saying|tell|told|claim|claimed|call|called for|state|stated|describe|comment|commented|warn|"
    r"warned|argue|argued|respond|reply|replied|tweet|tweeted|write|wrote|add|admit|admitting|promise)"
)
_DECIR = (
    r"(?:dijo|dijeron|dice|declaro|declararon|afirmo|afirmaron|senalo|senalaron|comento|opino|opina|aseguro|advirtio|"
    r"respondio|anadio|agrego|expreso|manifesto|sostuvo|explico|ha dicho|han dicho)"
)
_ASIDE = re.compile(
    r"^(?:[\s¿¡,.]|\b(?:and|so|but|also|then|please|y|pero|entonces|"
    r"(?:can|could|would|will) you (?:please )?(?:tell me|say|explain)|do (?:you|we) know|tell me|"
    r"(?:me )?puedes decirme|dime|sabes)\b)+"
)
_INTERROGATIVE = {
    "en": re.compile(r"\b(?:what|which|who|whom|whose|when|where|why|how)\b"),
    "es": re.compile(r"\b(?:(?:por |a |para )?que|cual(?:es)?|quien(?:es)?|cuando|a?donde|como|cuant[oa]s?)\b"),
}
_ACCENTED = re.compile(r"\b(?:(?:por |a |para )?qué|cuál(?:es)?|quién(?:es)?|cuándo|a?dónde|cómo|cuánt[oa]s?)\b", re.I)
# Each kind by what follows from the interrogative on; the first that matches decides, none leaves it to the noun.
_ASKS = tuple(
    (re.compile("|".join(forms)), kind)
    for kind, *forms in (
        (
            "number",
            r"how (?:many|much|old|far|long|tall|big|high|often|fast|large|heavy|deep|wide|soon|hot|cold|few|low)\b",
            r"cuant[oa]s?\b",
            r"que tan(?:t[oa]s?)?\b",
        ),
        ("date", r"when\b", r"cuando\b"),
        ("place", r"where\b", r"a?donde\b"),
        ("list", r"who (?:are|were) the \w+s\b", r"quienes (?:son|fueron|eran) l[oa]s\b"),
        ("person", r"who(?:m|se)?\b", r"quien(?:es)?\b"),
        (
            "why",
            r"why\b",
            r"how come\b",
            r"what (?:made|caused|led to|prompted|triggered)\b",
            r"what (?:is|was|were|are) the (?:reason|cause)s?\b",
            r"(?:por|para) que\b",
            r"que (?:causo|provoco)\b",
            r"que se (?:debe|debio|deben)\b",
            r"cual (?:es|fue) (?:la causa|la razon|el motivo)\b",
        ),
        (
            "quote",
            rf"(?:what (?:else )?(?:did|do|does|has|have|had|was|is|were)\b.*|how did .*)\b{_SAYING}\b(?! to\b)",
            r"what (?:is|was) .*\b(?:response|reaction|comment|statement)\b",
            rf"(?:que|como) (?:\w+ ){{0,3}}{_DECIR}\b",
        ),
        ("how", r"how\b", r"como\b"),
        (
            "event",
            r"what(?:['’]s| is| was| has| had)? (?:happen(?:s|ed|ing)?|took place|occur(?:s|red|ring)?|going on)\b",
            r"que (?:ha |habia |esta |estaba )?(?:paso|pasa|pasado|pasando|ocurri[oa]|ocurre|ocurri(?:do|endo)|"
            r"sucedi[oa]|sucede|sucedi(?:do|endo))\b",
        ),
        ("definition", r"what (?:does|do|did) .*\b(?:mean|stand for)\b", r"que (?:significa|quiere decir)\b"),
        (
            "list",
            r"cuales\b",
            r"what (?:are|were) (?:the|some|all|his|her|their|its) (?:\w+ ){0,3}?\w+(?<!s)s\b",
        ),
    )
)
_ENUMERATE = re.compile(r"(?:name|list|enumerate|nombra|enumera|menciona|lista)\b")
_DEFINED = re.compile(
    r"(?:what|que) (?P<verb>is|are|was|were|es|son|era|eran) (?P<article>(?:an?|the|un|una|el|la|los|las) )?"
    r"(?P<noun>[\w.'’-]+(?: [\w.'’-]+){0,2})\W*$"
)
_NOUN_PHRASE = re.compile(r"(?:what|which|cual|que)(?:['’]s|\s+(?:is|was|es|fue|era))\s+(?:the|el|la)\s+")
_NOUN_PHRASE_END = re.compile(r"\b(?:of|in|for|on|that|who|de|del|en|que)\b")


def expected_answer(text: str, language: str) -> str:
    """The type of answer that a question expects, one of EXPECTED."""
    typed = text[slice(*asking_sentence(text))]
    folded = fold(typed)
    if aside := _ASIDE.match(folded):
        typed, folded = typed[aside.end() :], folded[aside.end() :]
    if _ENUMERATE.match(folded):
        return "list"
    if _is_yes_or_no(folded) or re.match(r"(?:true or false|verdadero o falso)\b", fold(text)):
        return "yesno"
    asked = (language == "es" and _ACCENTED.search(typed)) or _interrogative(typed, folded, language)
    if not asked:
        opening = language == "es" and "¿" in text
        return "yesno" if opening or re.search(rf", (?:{'|'.join(_AUXILIARIES)}) ", folded) else "what"
    typed, folded = typed[asked.start() :], folded[asked.start() :]
    for pattern, kind in _ASKS:
        if pattern.match(folded):
            return kind
    return _asked_noun(typed, folded, language)


def _interrogative(typed: str, folded: str, language: str) -> re.Match[str] | None:
    """The first question word that is no relative pronoun; WHO in capitals is none, unless everything is."""
    found = [
        m for m in _INTERROGATIVE[language].finditer(folded) if typed.isupper() or not typed[slice(*m.span())].isupper()
    ]
    for match in found[:-1]:
        # "the man who won ... what?": after a noun or a comma a later one may be the question's own.
        before = re.search(r"(\w+|,)\s+$", folded[: match.start()])
        if language == "es" or not before or before[1] in _NOT_A_NOUN or match[0] in ("what", "how", "why"):
            return match
    return found[-1] if found else None


def _is_yes_or_no(folded: str) -> bool:
    first, _, rest = folded.partition(" ")
    if first in ("may", "will", "might"):  # "May said", "Will Smith": only before a word that may be a subject
        return bool(re.match(r"(?:the|a|an|he|she|it|they|we|you|i|there|this|that|these|those)\b", rest)) or (
            first == "will" and len(rest.split()) > 2
        )
    return first in _AUXILIARIES and bool(rest)


def _asked_noun(typed: str, folded: str, language: str) -> str:
    """The type of answer to "which ..." or "what ...": told by the noun that is asked for."""
    defined = _DEFINED.match(folded)
    if defined and (defined["article"] or "").strip() in ("a", "an", "un", "una"):
        return "definition"
    if noun_phrase := _NOUN_PHRASE.match(folded):
        words = WORD.findall(_NOUN_PHRASE_END.split(folded[noun_phrase.end() :])[0])
        head = words[-1] if words else ""
    else:
        words = WORD.findall(typed)[1:]
        head = _head(words[:1] if language == "es" else words)  # Spanish has the noun first
    if kind := _noun_kind(head):
        return kind
    if defined and (not defined["article"] or typed[defined.start("noun")].isupper()):
        return "what" if defined["noun"].split()[0] in _NOT_A_NOUN else "definition"
    return "what"


def _noun_kind(noun: str) -> str:
    noun = fold(noun)
    for kind, nouns in (("place", _PLACES), ("person", _PERSONS), ("date", _TIMES), ("number", _AMOUNTS)):
        if noun in nouns:
            return kind
    return "list" if _is_plural(noun) else ""


def _is_plural(word: str) -> bool:
    if word in _IRREGULAR_PLURALS:
        return True
    singular = word.endswith(("ss", "us", "is", "'s", "’s")) or word in _UNCOUNTED
    return len(word) > 3 and word.endswith("s") and not singular


def _head(words: list[str]) -> str:
    """The noun asked for in "which Mexican states border ...": "states"; "" where a verb comes first.

    Without a tagger a word in -s is taken for a plural noun only where it comes first, or after an adjective, or
    before something that looks like a verb; else it is one: "which country borders Belize".
    """
    head = ""
    for position, word in enumerate(words[:6]):
        folded = fold(word)
        following = fold(words[position + 1]) if position + 1 < len(words) else ""
        if folded in _NOT_A_NOUN or (position and word.islower() and folded.endswith("ed")):
            break
        if word.islower() and _is_plural(folded):
            after_next = fold(words[position + 2]) if position + 2 < len(words) else ""
            if _looks_like_verb(after_next) and not _looks_like_verb(following) and after_next not in _AFTER_VERB:
                head = word  # "sports brand is", "rights group said": the next noun is the head
                continue
            last = position + 2 == len(words) and words[position + 1].islower()
            compound = last and not (_looks_like_verb(following) or _is_plural(following))  # "which awards show?"
            plural_verb = following in ("are", "were", "have", "do", "did") or following.endswith("ed")
            if not compound and (position == 0 or plural_verb or _is_adjective(words[position - 1])):
                return word
            if not compound:
                break
        head = word
    return head


def _looks_like_verb(word: str) -> bool:
    return word in _NOT_A_NOUN or word.endswith("ed")


def _is_adjective(word: str) -> bool:
    return word[0].isupper() or word in COUNTS or bool(_ADJECTIVE.fullmatch(word))
