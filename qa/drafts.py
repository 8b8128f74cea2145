"""Questions that an article answers, drafted from its sentences by rules, in English and Spanish."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ingest.records import Article
from ingest.sentences import sentence_spans
from qa.language import STOP_WORDS, content_words, fold
from qa.names import find_names

WORDS = range(6, 46)  # in a sentence that is asked about
Asked = tuple[str, str, tuple[str, ...]]
"""A question, its kind, and what a right answer says one of."""

WORDS = range(5, 46)  # in a sentence that is asked about
NAME_WORD = r"[A-ZÀ-Þ][\w.'’-]*(?<!['’]s)(?<!['’])"
NAME = rf"{NAME_WORD}(?: (?:(?:de|del|la|van|von|der|al|bin|da|dos|du|le|y) )*{NAME_WORD})*"
OFFICES = (  # that one person holds at a time
    r"chief executive(?: officer)?|CEO|president|vice president|prime minister|chair(?:man|woman|person)?|head|director|"
    r"director[- ]general|secretary[- ]general|founder|co-founder|governor|mayor|administrator|leader|speaker|chief|"
    r"minister|attorney general|captain|coach|manager|owner|archbishop|commissioner|superintendent|ambassador|"
    r"secretary|treasurer|sheriff|conductor|principal"
)
ROLE_NOUNS = (
    rf"{OFFICES}|attorney|lawyer|spokes(?:man|woman|person)|author|editor|commander|professor|scientist|researcher|"
    r"analyst|economist|expert|physician|doctor|epidemiologist|virologist|astronomer|meteorologist|historian|"
    r"journalist|reporter|writer|novelist|poet|artist|singer|actor|actress|comedian|swimmer|boxer|goalkeeper|striker|"
    r"quarterback|firefighter|nurse|teacher|student|officer|detective|senator|congress(?:man|woman)|representative|"
    r"lawmaker|candidate|activist|archaeologist|strategist|curator|partner|executive|columnist"
)
_TITLE = (
    r"(?:(?:[A-Z][\w.&’'-]* |former )){0,3}"
    r"(?:Mayor|President|Prime Minister|Sen\.|Senator|Gov\.|Governor|Rep\.|Congress(?:man|woman)|Dr\.?|Mr\.?|Mrs\.?|"
    r"Ms\.?|Judge|Chief|Gen\.|General|Justice|Chancellor|Secretary|Minister|Lt\.|Col\.|Cpl\.|Capt\.?|Captain|Sgt\.|"
    r"Professor|Prof\.|Rev\.|Attorney General|Secretary of State|Frontman|Scientist|Attorney|Marine|Coach|Actor|"
    r"Actress|Singer|Lawyer|Researcher|Analyst|Founder|Co-founder|Spokes(?:man|woman|person)|Detective|Officer|Sheriff|"
    r"Director|Commissioner|Principal|Superintendent|Author|Host|Comedian|Rapper|Speaker|Leader|Ambassador|CEO|"
    r"Physician|Archbishop|Cardinal|Bishop|Chairman|Chairwoman|Commander|Deputy|Trooper|Leader|Member|Assessor|Republican|Democrat|Democratic)"
    r"|(?:El |La |el |la )?(?:presidente|presidenta|papa|rey|reina|cardenal|ministro|ministra|juez|jueza|escritor|"
    r"escritora|gobernador|gobernadora|alcalde|alcaldesa|expresidente|expresidenta|senador|senadora)"
)
TITLED = (
    rf"(?:[A-Z][\w.&’'-]* ){{0,2}}(?P<title>Mayor|Sen\.|Senator|Gov\.|Governor|Rep\.|Judge|Chancellor|Justice|"
    rf"Attorney General|Secretary of State|Commissioner|Superintendent|Sheriff) (?P<name>{NAME})"
)
_ROYAL = r"(?:King|Queen|Prince|Princess|Pope|Saint)"
_NO_PERSON = re.compile(
    r"\b(?:university|bank|committee|agency|bureau|compan(?:y|ies)|inc|corp|department|ministry|house|court|council|"
    r"church|street|times|post|news|police|party|league|cup|games?|city|county|states?|river|lake|islands?|airport|"
    r"park|cent(?:er|re)|association|group|union|international|national|united|federation|commission|school|college|division|rights|office|unit|"
    r"hospital|institute|foundation|museum|army|navy|force|guard|services?|board|senate|congress|parliament|assembly|"
    r"awards?|prize|act|bill|war|day|week|month|year|avenue|road|bridge|square|hall|tower|castle|abbey|palace|"
    r"cathedral|stadium|arena|theat(?:er|re)|festival|championships?|olympics|series|show|north|south|east|west|"
    r"northern|southern|eastern|western|central|new|great|saint|san|los|las|el|la|the|hong|sri|costa|puerto|"
    r"hurricane|typhoon|storm|tropical|operation|mount|fort|cape|camp|port|americans?|european|black|white|supreme|"
    r"red|blue|green|navidad|golden|silver|world|wall|air|social|daily|weekly|press|reuters|associated|covid|omicron|delta|"
    r"kong|coast|beach|bay|valley|capitol|hills?|christmas|easter|memorial|independence|thanksgiving|medal|medicine|"
    r"physics|peace|republic|kingdom|emirates|tour|open|network|canyon|peninsula|ocean|sea|gulf|strait|province|"
    r"tribunal|supremo|corte|banco|gobierno|ministerio|partido|universidad|real|canal|mar|golfo|ciudad|copa|mundial|"
    r"liga|federacion|autoridad|movimiento|instituto|congreso|senado|audiencia|fiscalia|guardia|cruz|oro|balon|"
    r"inside|tennis|team|airlines?|airways|hotel|energy|oil|gas|motors?|media|music|records|studios?|pictures|"
    r"congo|korea|arabia|africa|lanka|zealand|america|asia|europe|"
    r"alabama|alaska|arizona|arkansas|california|colorado|connecticut|delaware|florida|hawaii|idaho|illinois|indiana|"
    r"iowa|kansas|kentucky|louisiana|maine|maryland|massachusetts|michigan|minnesota|mississippi|missouri|montana|"
    r"nebraska|nevada|hampshire|jersey|york|carolina|dakota|ohio|oklahoma|oregon|pennsylvania|tennessee|texas|utah|"
    r"vermont|virginia|wisconsin|wyoming|london|paris|berlin|moscow|kyiv|beijing|tokyo|chicago|boston|angeles)\b"
)
ROLES_ES = (
    r"(?:presidente|presidenta|expresidente|expresidenta|vicepresidente|vicepresidenta|ministro|ministra|gobernador|"
    r"gobernadora|alcalde|alcaldesa|administrador|administradora|director|directora|portavoz|secretario|secretaria|"
    r"fiscal|seleccionador|seleccionadora|entrenador|entrenadora|líder|jefe|jefa|rey|reina|fundador|fundadora|autor|"
    r"autora|candidato|candidata|comisario|comisaria|embajador|embajadora|capitán|capitana|rector|rectora|arzobispo|"
    r"cardenal|escritor|escritora|papa|juez|jueza|periodista|jugador|jugadora|lingüista|portera|portero|sociólogo)"
)
_PERSONAL = (  # what is told of people alone
    r"(?:(?:was|were) (?:born|arrested|elected|named|sentenced|appointed|charged)|resigned|married|scored|tweeted|"
    r"testified|graduated|wrote|sang|(?:fue|fueron) (?:elegid|nombrad|detenid|condenad)\w+|juró|nació|murió|falleció|"
    r"dimitió|besó|marcó|asumió|escribió|reconoció)\b"
)
COUNTRIES = frozenset(
    """Afghanistan Argentina Australia Austria Bangladesh Belarus Belgium Bolivia Brazil Britain Bulgaria Cambodia Cameroon
    Canada Chile China Colombia Croatia Cuba Cyprus Denmark Ecuador Egypt England Estonia Ethiopia Finland France Germany
    Ghana Greece Guatemala Haiti Honduras Hungary Iceland India Indonesia Iran Iraq Ireland Israel Italy Jamaica Japan
    Kazakhstan Kenya Kuwait Laos Latvia Lebanon Libya Lithuania Malaysia Mali Malta Mexico Moldova Mongolia Morocco
    Myanmar Nepal Netherlands Nicaragua Niger Nigeria Norway Pakistan Panama Paraguay Peru Philippines Poland Portugal
    Qatar Romania Russia Rwanda Scotland Senegal Serbia Singapore Slovakia Slovenia Somalia Spain Sudan Sweden
    Switzerland Syria Taiwan Tanzania Thailand Tunisia Turkey Uganda Ukraine Uruguay Venezuela Vietnam Wales Yemen
    Zambia Zimbabwe""".split()
)
_OPENING = "Though|Although|Maybe|Sometimes|Yet|Perhaps|Unless|Despite|Like|Unlike|Even|Meanwhile|Inside|Still|Today|Aunque|Según"
_SAYS = r"(?:said|says|told|wrote|tweeted|added|dijo|declaró|afirmó|aseguró|explicó)"
_DIED = r"(?:died|dies|dead|death|killed|drowned|funeral|obituary|late|body|remains|slain|murder|missing|victims?|shot|murió|falleció|muerte|muerto|muerta)"


@dataclass(frozen=True, slots=True)
class Drafted:
    """A question with what must be said to answer it.

    kind: who, when, where, number, why, what, said, role (who holds an office) or identity (who or what somebody is).
    answers: a right answer says one of these; none where the sentence itself is the answer.
    start, end: where the sentence stands in the article's text that answers.
    """

    question: str
    kind: str
    answers: tuple[str, ...]
    article: Article
    start: int
    end: int

    @property
    def sentence(self) -> str:
        """The sentence that answers."""
        return self.article.text[self.start : self.end]


class Known:
    """Who and what an article names."""

    def __init__(self, article: Article) -> None:
        self._text = f"{article.title}. {article.text}"
        self._persons: dict[str, bool] = {}

    @cached_property
    def names(self) -> Counter[str]:
        """Names, with how often each stands there."""
        spans = sentence_spans(self._text)
        return Counter(
            re.sub(rf"^(?:{_OPENING}) (?=[A-ZÀ-Þ])", "", name)
            for start, end in spans
            for name in find_names(self._text[start:end])
        )

    def is_name(self, word: str, *, inside: bool = False) -> bool:
        """Whether a sentence's first word is a name: it is one elsewhere, within a sentence if `inside`."""
        if word in self.names or re.search(rf"[a-z,] {re.escape(word)}\b", self._text):
            return True
        is_rare = not inside and len(word) > 3 and not re.search(rf"\b{re.escape(word.lower())}\b", self._text)
        return is_rare and self._text.count(word) > 1

    def full(self, name: str) -> str:
        """The whole name of a person who is called by the last part here, and in full elsewhere."""
        if " " in name or not name:
            return name
        whole = {bare(other) for other in self.names if re.search(rf" {re.escape(name)}(?: (?:III|II|IV|Jr|Sr)\.?)?$", other)}
        shortest = min(sorted(whole), key=len, default=name)
        is_sure = all(shortest in other for other in whole) and self.is_person(shortest)
        return shortest if is_sure else name

    def last_person(self, before: str) -> str:
        """The whole name of the one person whom the last sentence of a text names; "" where there is none, or more."""
        spans = sentence_spans(before)
        names = find_names(before[slice(*spans[-1])]) if spans else ()
        persons = {self.full(bare(name)) for name in names if self.is_person(name)}
        return persons.pop() if len(persons) == 1 else ""

    def called(self, name: str) -> tuple[str, ...]:
        """What an answer may call them."""
        parts = re.sub(r" (?:III|II|IV|Jr|Sr)\.?$", "", bare(name)).split()
        last = [parts[-1]] if parts and len(parts[-1]) > 3 else []
        return tuple(dict.fromkeys([bare(name), *last]))

    def is_person(self, name: str) -> bool:
        """Whether a name is a person's for all that the article says."""
        if name not in self._persons:
            self._persons[name] = False  # while it is being found out
            self._persons[name] = self._is_person(name)
        return self._persons[name]

    def is_dead(self, name: str) -> bool:
        """Whether the article may say that they died."""
        last = re.escape(bare(name).split()[-1])
        return bool(re.search(rf"\b{last}\b[^.]{{0,90}}\b{_DIED}\b|\b{_DIED}\b[^.]{{0,40}}\b{last}\b", self._text))

    def _is_person(self, name: str) -> bool:
        plain = bare(name)
        parts = plain.split()
        if not parts or name.isupper() or fold(parts[0]) in STOP_WORDS or _NO_PERSON.search(fold(plain)) or not COUNTRIES.isdisjoint(parts):
            return False
        if plain != name or re.match(rf"{_ROYAL} ", name):
            return True
        if len(parts) == 1:
            return self.full(name) != name
        return len(parts) <= 4 and parts[-1][0].isupper() and self._acts(plain, parts)

    def _acts(self, name: str, parts: list[str]) -> bool:
        """Whether the article tells of it what is told of persons."""
        quoted = re.escape(name)
        told = (
            rf"{quoted} {_PERSONAL}|{quoted}(?:,? {_SAYS}\b|, (?:de )?\d\d(?: años)?,|, who\b|, quien\b|, (?:the |an? )?(?:[a-z-]+ ){{0,3}}"
            rf"(?:{ROLE_NOUNS})\b|, (?:el |la |un |una )?(?:[a-zñáéíóú]+ ){{0,1}}{ROLES_ES}\b)|\b{_SAYS} {quoted}"
            rf"|\b(?:[Aa]rchbishop|{ROLE_NOUNS})(?: (?:of|for|at) [^,.]{{2,40}})?, {quoted}"
            rf"|\b{ROLES_ES}(?: [a-zñáéíóú]+)?(?: [^,.]{{3,40}},)? {quoted}|(?:\b(?:{_TITLE})|\b(?:{ROLE_NOUNS})|\ba (?:[a-z-]+ ){{0,2}}man named) {quoted}"
        )
        if re.search(told, self._text):
            return True
        last, before = re.escape(parts[-1]), re.escape(parts[-2])
        alone = rf"(?<!{before} )(?<!{before}-)\b{last}(?:['’]s)? [a-z]"
        return len(parts[-1]) > 2 and bool(re.search(alone, self._text))


def bare(name: str) -> str:
    """A person's name without title or office."""
    found = re.match(rf"(?:{_TITLE}) (?=[A-ZÀ-Þ])", name)
    return name[found.end() :] if found else name


def drafts(article: Article, spans: Sequence[tuple[int, int]] | None = None) -> list[Drafted]:
    """Every question that the rules make of the article's sentences, or of those at `spans`, in their order."""
    from qa import drafts_en, drafts_es

    asked = {"en": drafts_en.questions, "es": drafts_es.questions}.get(article.language or "en")
    if asked is None:
        return []
    known = Known(article)
    return [
        Drafted(question, kind, answers, article, start, end)
        for start, end in (whole_sentences(article) if spans is None else spans)
        for question, kind, answers in _asked_of(article.text, start, end, known, asked)
        if _is_fair(question, answers)
    ]


def _asked_of(text: str, start: int, end: int, known: Known, ask: Callable[[str, Known], Iterable[Asked]]) -> Iterator[Asked]:
    """The questions of a sentence; where it begins with "He", of whom the sentence before tells, and not who it was."""
    sentence = text[start:end]
    pronoun = re.match(r"(?:He|She) (?=[a-z])", sentence)
    if not pronoun:
        yield from ask(sentence, known)
    elif who := known.last_person(text[max(0, start - 300) : start]):
        for question, kind, answers in ask(f"{who} {sentence[pronoun.end() :]}", known):
            if kind not in ("who", "identity", "role"):
                yield question, kind, answers


def whole_sentences(article: Article) -> list[tuple[int, int]]:
    """Where the sentences stand that are running text, of a length to be asked about."""
    spans = sentence_spans(article.text, article.language)
    return [(start, end) for start, end in spans if _is_whole(article.text[start:end])]


def _is_whole(sentence: str) -> bool:
    """Whether it is one sentence of running text, of a length to be asked about."""
    return len(sentence.split()) in WORDS and sentence.endswith((".", ".”", '."')) and "\n" not in sentence


def _is_fair(question: str, answers: tuple[str, ...]) -> bool:
    """Whether the question is neither long nor bare, and does not say its own answer."""
    folded = fold(question)
    return (
        len(question.split()) <= 18
        and not any(re.search(rf"\b{re.escape(fold(answer))}\b", folded) for answer in answers)
        and len(content_words(question)) >= 2
    )


def raised(text: str) -> str:
    """With its first letter as a capital."""
    return text[:1].upper() + text[1:]
