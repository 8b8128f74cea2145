"""What a question asks, read without any model, in English and Spanish.

`understand` turns what the user typed into a Question: operators ("phrase", +must, -not), a window of
publication, the outlets named, the type of answer expected, and the words that carry meaning.

Dates are read by rules rather than by dateparser: a window needs a first and a last day ("June 2024", "last
week"), dateparser gives one moment, takes milliseconds a phrase, and sees dates in "May said" and "second".

How a date phrase becomes a window (all days inclusive, read from the as-of day):

- beside a word of publication ("articles from June 2024", "published last week"): exactly that period, firm.
- yesterday, last week, this month, past 3 days: the period and one day more, because news is also told the day
  after and time zones differ; firm where the phrase stands in the sentence that asks, soft in one that only
  leads up to it ("Judges ruled this week on ... How old is the law?").
- since June 2024: firm, because nothing published earlier can tell of it.
- today, this year, on Monday, and every other date by name (in 2018, in June 2024, before 2020): most likely the
  time of the event, of which later articles tell too; soft: to be preferred, not filtered by.
- a period that lies after the as-of day: no window; what will be is told before.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from ingest.errors import QuestionError

MAX_CHARACTERS = 2000
EXPECTED = ("person", "place", "date", "number", "list", "yesno", "why", "how", "quote", "definition", "what")


@dataclass(frozen=True, slots=True)
class Question:
    """A question as typed, and what can be read from it.

    search_text: the words to search with: no operators or quotes, no outlet that became one of sources, and no
        date phrase that became a window, unless it names a date that articles may repeat ("in 2018").
    phrases, required: what must occur; excluded: what must not.
    published_after, published_before: first and last day of publication, inclusive; None where open.
    window_is_soft: True where articles outside the window may answer too: prefer, do not filter.
    present: True where the newest answer is wanted.
    expects: the type of answer, one of EXPECTED.
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
    operators = _read_operators(typed)
    # Quoted words stay out of sight of the readers below: a date in a quotation is no window.
    masked = operators.masked
    sources, masked = _read_sources(masked, outlets)
    window = read_window(masked, reference)
    undated = f"{masked[: window.start]} , {masked[window.end :]}" if window else masked
    if window and window.removable:
        masked = f"{masked[: window.start]} {masked[window.end :]}"
    search_text = _tidy(operators.unmask(masked)) or _tidy(operators.unmask(operators.masked))
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
        present=as_of is not None or _asks_of_the_present(operators.masked),
        sources=sources,
        expects=expected_answer(operators.unmask(operators.masked), language),
        language=language,
        content_words=content_words(search_text),
        names=find_names(operators.unmask(undated)),
        numbers=tuple(dict.fromkeys(_NUMBER.findall(search_text))),
    )


def _day(moment: date | None) -> date | None:
    return moment.date() if isinstance(moment, datetime) else moment


def _tidy(text: str) -> str:
    """Single spaces, and none of the punctuation that a removed part leaves behind."""
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"\s+([?.,;:!])", r"\1", text)
    text = re.sub(r"[,;:]+([?.!])", r"\1", text)
    return re.sub(r"^([¿¡]?)[\s,;:.!?]+", r"\1", text).strip()


# --- words ------------------------------------------------------------------------------------------------------

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
_STOP_WORDS = _QUESTION_WORDS | _ENGLISH | _SPANISH
# Words of one language only, so that each is evidence; names and bare nouns are none.
_ENGLISH_SIGNS = (_ENGLISH - _SPANISH) | {"what", "which", "who", "whose", "when", "where", "why", "how"}
_SPANISH_SIGNS = (_SPANISH - _ENGLISH - {"hay", "son", "tan", "era"}) | (_QUESTION_WORDS & {"que", "cual", "cuales"})
_SPANISH_SIGNS |= {"quien", "quienes", "cuando", "donde", "como", "cuanto", "cuantos", "cuantas"}
_WORD = re.compile(r"[^\W_]+(?:[.'’][^\W_]+)*")
_NUMBER = re.compile(r"(?<![\w.,/:-])\d+(?:[.,/:-]\d+)*(?!\w)")


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
    for match in _WORD.finditer(text):
        typed = match[0]
        word = re.sub(r"['’](?:s|re|ve|ll|d|m|t)?$", "", fold(typed)).replace(".", "" if typed[1:2] == "." else ".")
        is_name = typed.isupper() and len(typed) > 1 and not shouted
        if is_name or (word not in _STOP_WORDS and (len(word) > 1 or word.isdigit())):
            words[word] = None
    return tuple(words)


def guess_language(text: str) -> str:
    """Spanish where its function words outnumber the English ones, or its marks stand there; else English."""
    if re.search(r"[¿¡]", text):
        return "es"
    words = [match[0] for match in _WORD.finditer(fold(unicodedata.normalize("NFC", text)))]
    spanish = sum(word in _SPANISH_SIGNS for word in words) + ("ñ" in text.lower())
    return "es" if spanish > sum(word in _ENGLISH_SIGNS for word in words) else "en"


# --- operators --------------------------------------------------------------------------------------------------

# A sign counts only at the start of a word: "COVID-19", "2-1" and "Biden - Trump" hold none.
_OPERATOR = re.compile(r"""(?:(?<!\S)([+-]))?["“«]([^"“”«»]*)["”»]|(?<!\S)([+-])([^\W\d_][^\s"“”«»?!,;]*)""")
_QUOTE_MARKS = re.compile(r'["“”«»]')
_MASK = "\ue000{}\ue001"


@dataclass(frozen=True, slots=True)
class _Operators:
    """The operators of a question; masked has each quoted phrase as a number between two private characters."""

    masked: str
    quoted: tuple[str, ...]
    phrases: tuple[str, ...]
    required: tuple[str, ...]
    excluded: tuple[str, ...]

    def unmask(self, text: str) -> str:
        return re.sub("\ue000(\\d+)\ue001", lambda match: self.quoted[int(match[1])], text)


def _read_operators(typed: str) -> _Operators:
    text = re.sub("[\ue000\ue001\x00]", " ", unicodedata.normalize("NFC", typed))
    quoted: list[str] = []
    phrases: dict[str, None] = {}
    required: dict[str, None] = {}
    excluded: dict[str, None] = {}

    def replace(match: re.Match[str]) -> str:
        sign, phrase, word_sign, word = match.groups()
        content = _tidy(phrase or "") if word is None else word.rstrip(".:")
        if (sign or word_sign) == "-":
            if content:
                excluded[content] = None
            return " "
        if word is not None:
            required[content] = None
            return content
        if not content:
            return " "
        phrases[content] = None
        quoted.append(content)
        return _MASK.format(len(quoted) - 1)

    masked = _QUOTE_MARKS.sub(" ", _OPERATOR.sub(replace, text))
    return _Operators(masked, tuple(quoted), tuple(phrases), tuple(required), tuple(excluded))


# --- outlets ----------------------------------------------------------------------------------------------------

_CUE = re.compile(
    r"\b(?:(?:according to|as reported by|reported by|published by|segun|de acuerdo con|publicado por)"
    r"|(?P<weak>from|in|on|en|de))\s+"
)
_NEXT_OUTLET = re.compile(r"\s*(?:,|\band\b|\bor\b|\by\b|\bo\b)\s*")


def _read_sources(text: str, outlets: Collection[str]) -> tuple[tuple[str, ...], str]:
    """The outlets that the question names with a cue, and the question without cue and outlets."""
    if not outlets:
        return (), text
    named, pattern = _outlet_pattern(frozenset(outlets))
    folded = fold(text)
    sources: dict[str, None] = {}
    kept, end = [], 0
    for cue in _CUE.finditer(folded):
        outlet = pattern.match(folded, cue.end())
        # "in time" names no outlet called Time, unless nothing in the question is capitalised.
        if outlet and cue["weak"] and text[slice(*outlet.span(1))].islower() and not text.islower():
            outlet = None
        if not outlet or cue.start() < end or re.match(r"\s+[A-Z]", text[outlet.end() :]):
            continue  # the Reuters Institute is not Reuters
        kept.append(text[end : cue.start()])
        while outlet:
            sources[named[outlet[1]]] = None
            end = outlet.end()
            separator = _NEXT_OUTLET.match(folded, end)
            outlet = pattern.match(folded, separator.end()) if separator else None
    return tuple(sources), " ".join([*kept, text[end:]]) if sources else text


@lru_cache(maxsize=64)
def _outlet_pattern(outlets: frozenset[str]) -> tuple[dict[str, str], re.Pattern[str]]:
    """Outlets by the names they go by, and what matches one: "theguardian.com" goes by "theguardian" too."""
    named: dict[str, str] = {}
    for outlet in sorted(outlets):
        folded = re.sub(r"\s+", " ", fold(unicodedata.normalize("NFC", outlet)).strip())
        site = re.sub(r"^www\.|\.(?:com|org|net|news|es|mx|co\.uk|info)$", "", folded)
        for name in (folded, re.sub(r"^(?:the|el|la|los|las) ", "", folded), site):
            if name:
                named.setdefault(name, outlet)
    longest_first = "|".join(re.escape(name) for name in sorted(named, key=len, reverse=True)) or r"(?!)"
    return named, re.compile(rf"(?:(?:the|el|la|los|las) )?({longest_first})(?!\w)(?:['’]s\b)?")


# --- window of publication --------------------------------------------------------------------------------------

_MONTH_NAMES = (
    "january enero jan ene",
    "february febrero feb",
    "march marzo mar",
    "april abril apr abr",
    "may mayo",
    "june junio jun",
    "july julio jul",
    "august agosto aug ago",
    "september septiembre setiembre sep sept set",
    "october octubre oct",
    "november noviembre nov",
    "december diciembre dec dic",
)
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "monday lunes",
            "tuesday martes",
            "wednesday miercoles",
            "thursday jueves",
            "friday viernes",
            "saturday sabado",
            "sunday domingo",
        )
    )
    for name in names.split()
}
_COUNTS = {
    word: number
    for number, words in enumerate(
        (
            "a an un una one uno",
            "two dos couple",
            "three tres few",
            "four cuatro",
            "five cinco",
            "six seis",
            "seven siete",
            "eight ocho",
            "nine nueve",
            "ten diez",
        ),
        1,
    )
    for word in words.split()
}


def _either(words: Collection[str]) -> str:
    return "(?:" + "|".join(sorted(words, key=len, reverse=True)) + ")"


_YEAR = r"(?<![\d.,/-])(?:1[89]|20)\d\d(?![\w/–-]|[.,]\d|\s?%)"
_MONTH = rf"{_either(_MONTHS)}\b\.?"
_FULL_MONTH = rf"{_either([name for name in _MONTHS if len(name) > 4 or name in ('may', 'mayo', 'june', 'july')])}\b"
_OF = r"(?:\s*,\s*|\s+)(?:(?:of|de|del)\s+)?"
_PART = r"(?:(?:the )?(?:early|mid|late|beginning of|end of|principios de|mediados de|finales de|fines de)[\s-]+)?"
_LAST_YEAR = r"(?:last year|this year|(?:el )?ano pasado|este ano)"
_COUNT = rf"(?:\d{{1,4}}|{_either(_COUNTS)}(?: of)?)"
_UNIT = r"(?:hours?|days?|weeks?|months?|years?|horas?|dias?|semanas?|mes(?:es)?|anos?)"
_WEEKDAY = _either(_WEEKDAYS)

_DAY_FORMS = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"),
    re.compile(
        rf"(?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th|º)?(?: of| de)? (?P<month>{_MONTH})(?:{_OF}(?P<year>{_YEAR}))?"
    ),
    re.compile(rf"(?P<month>{_MONTH}) (?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:{_OF}(?P<year>{_YEAR}))?"),
)
_MONTH_FORM = re.compile(
    rf"(?P<past>last )?{_PART}\b(?P<month>{_MONTH})(?:{_OF}(?P<year>{_YEAR}|{_LAST_YEAR})|(?P<pasado> pasado))?"
)
_YEAR_FORM = re.compile(rf"{_PART}(?:the year |el ano |ano )?(?P<year>{_YEAR})")
_RELATIVE = re.compile(
    r"\b(?:(?P<two_days_ago>the day before yesterday|anteayer|antier|antes de ayer)"
    r"|(?P<yesterday>yesterday|last night|ayer|anoche)"
    r"|(?P<today>today|tonight|hoy|esta noche)"
    r"|(?P<this_week>this week|esta semana)"
    r"|(?P<last_week>last week|la semana pasada)"
    r"|(?P<weekend>(?:this|last|this past|over the) weekend|(?:este|el) fin de semana(?: pasado)?)"
    r"|(?P<this_month>this month|este mes)"
    r"|(?P<last_month>last month|el mes pasado)"
    r"|(?P<this_year>this year|este ano)"
    r"|(?P<last_year>last year|(?:el )?ano pasado)"
    rf"|(?P<back>(?:(?:in|over|during|for|en|durante) )?(?:the |los |las |el |la )?(?:last|past|previous|ultim[oa]s?)"
    rf" (?:{_COUNT} {_UNIT}|week|month|year|semana|mes|ano)(?! (?:of|de)\b))"
    rf"|(?P<ago>{_COUNT} {_UNIT} ago|hace {_COUNT} {_UNIT})"
    rf"|(?P<last_weekday>last {_WEEKDAY}|this past {_WEEKDAY}|el (?:pasado {_WEEKDAY}|{_WEEKDAY} pasado))"
    rf"|(?P<weekday>(?:on|el) {_WEEKDAY}))\b"
)
# Phrases whose window is soft though they are relative: "today" may mean nowadays, a weekday may be any.
_SOFT_RELATIVE = frozenset({"today", "this_year", "last_year", "weekday", "weekend"})

# What stands before a date. None ends in "the": "the 2024 election" and "the March on Washington" are events.
_IN = re.compile(r"\b(?:in|on|during|en|el|durante|throughout)\s+$")
_SINCE = re.compile(r"\b(?:since|desde|a partir del?|starting(?: in| on| from)?)\s+(?:el )?$")
_AFTER = re.compile(r"\b(?:after|later than|despues del?)\s+(?:el )?$")
_BEFORE = re.compile(r"\b(?:before|prior to|earlier than|antes del?)\s+(?:el )?$")
_UNTIL = re.compile(r"\b(?:until|till|up to|by|hasta)\s+(?:el )?$")
_RANGE_START = re.compile(r"\b(?:between|from|entre|desde|del?)\s+(?:el )?$")
_RANGE_JOIN = re.compile(r"\s+(?:and|or|to|until|till|through|y|o|e|a|al|hasta)\s+(?:el |in |en )?|\s*[–-]\s*")
_FROM = re.compile(r"\b(?:of|from|de|del)\s+$")
_CLAUSE_END = re.compile(r"\s*(?:[?.,;:!)]|$)")
_NEWS = r"(?:news(?! conference)|headlines|articles?|stories|coverage|noticias?|articulos?|titulares|cobertura|notas)"
_PUBLISHED = re.compile(rf"\b(?:{_NEWS}|published|posted|publicad[oa]s?|publico|publicaron)(?:\W+\w+){{0,3}}\W*$")
_REPORTED = re.compile(r"\b(?:reports?|reported|reportad[oa]s?|reporto|informad[oa]s?|informo)(?:\W+\w+){0,2}\W*$")
_NEWS_OF = re.compile(rf"['’]s {_NEWS}")
_FUTURE = re.compile(r"\b(?:will|next|upcoming|scheduled|going to|proxim[oa]s?|sera|seran|habra|va a|van a)\b")
_PRESENT = re.compile(
    r"\b(?:now|nowadays|today|tonight|latest|newest|current|currently|recent|recently|breaking|so far|these days"
    r"|this (?:week|month|year|morning|weekend)|hoy|ahora|actual|actuales|actualmente|reciente|recientes"
    r"|recientemente|ultima hora|ultimas noticias|es(?:ta semana|te mes|te ano)|hasta ahora)\b"
)


@dataclass(frozen=True, slots=True)
class Window:
    """Days of publication, inclusive; the phrase stands at text[start:end]; removable: no word to search with."""

    first: date | None
    last: date | None
    soft: bool
    start: int
    end: int
    removable: bool


@dataclass(frozen=True, slots=True)
class _Mention:
    """A period named in a question. kind: day, month, year, or the name of a relative phrase's group.

    vague: the year was not named, so the nearest past one was taken; such a mention needs a preposition.
    """

    start: int
    end: int
    first: date
    last: date
    kind: str
    vague: bool = False

    @property
    def relative(self) -> bool:
        return self.kind in _RELATIVE.groupindex


def read_window(text: str, reference: date) -> Window | None:
    """The window of publication that a question's date phrases stand for, or None; see the top of this file."""
    folded = fold(text)
    try:
        windows = list(_windows(text, folded, _mentions(text, folded, reference), reference))
    except (OverflowError, ValueError):  # a day before the year 1 or after 9999
        return None
    relative = [window for window in windows if window.removable]
    if len(windows) < 2 or relative:
        return next(iter(relative or windows), None)
    # Several dates are compared ("in 2022 or in 2023"): whatever lies around them all may answer.
    firsts, lasts = [w.first for w in windows if w.first], [w.last for w in windows if w.last]
    first = min(firsts) if len(firsts) == len(windows) else None
    last = max(lasts) if len(lasts) == len(windows) else None
    return Window(first, last, True, windows[0].start, windows[0].end, False) if first or last else None


def _asks_of_the_present(text: str) -> bool:
    return any(not _is_title(text, match) for match in _PRESENT.finditer(fold(text)))


def _windows(text: str, folded: str, mentions: list[_Mention], reference: date) -> Iterator[Window]:
    """The window of each mention that is a date in its place."""
    asking = asking_sentence(text)[0]
    number = 0
    while number < len(mentions):
        mention = mentions[number]
        number += 1
        before = folded[: mention.start]
        if number < len(mentions) and (_RANGE_START.search(before) or _IN.search(before)):
            following = mentions[number]
            if _RANGE_JOIN.fullmatch(folded, mention.end, following.start):
                number += 1
                mention = _span(mention, following)
        if mention.first > reference or (mention.vague and _FUTURE.search(folded)):
            continue
        published = _is_publication(folded, mention)
        bounds = _bounds(text, before, mention, published)
        if bounds is None:
            continue
        first, last, firm = bounds
        if not published and mention.relative:
            years = re.search(r"year|\bano", folded[mention.start : mention.end])  # as vague as a year by name
            firm = firm and mention.kind not in _SOFT_RELATIVE and not years and mention.start >= asking
            last = min(last + timedelta(days=1), reference) if last else None
        possessive = re.match(r"['’]s\b", text[mention.end :])
        end = mention.end + (possessive.end() if possessive else 0)
        start = _phrase_start(before, mention)
        yield Window(first, last, not (firm or published), start, end, mention.relative or published)


def _span(start: _Mention, end: _Mention) -> _Mention:
    """One mention from two: "March" and "May 2024" are both in 2024."""
    first, last = start.first, end.last
    if start.vague and not end.vague:
        first = first.replace(year=last.year - (first.month > last.month))
    vague = start.vague and end.vague
    return _Mention(start.start, end.end, min(first, last), max(first, last), "range", vague)


def _bounds(text: str, before: str, mention: _Mention, published: bool) -> tuple[date | None, date | None, bool] | None:
    """First day, last day, and whether articles outside them cannot tell of it; None where it is no date here."""
    after = text[mention.end :]
    if mention.vague and not _CLAUSE_END.match(after) and not _IN.search(before):
        return None  # "since May took office"
    if mention.vague and re.match(r"['’]|\s+[A-Z]", after):
        return None  # "in May's view", "in April Jones"
    if _SINCE.search(before):
        return mention.first, None, True
    if _AFTER.search(before):
        return mention.last + timedelta(days=1), None, True
    if mention.relative:
        return mention.first, mention.last, True
    if _BEFORE.search(before):
        return None, mention.first - timedelta(days=1), False
    if _UNTIL.search(before):
        return None, mention.last, False
    if (mention.vague or mention.kind == "year") and not (published or _IN.search(before)):
        return None  # "the 2024 election", "Paris 2024"
    return mention.first, mention.last, False


def _is_publication(folded: str, mention: _Mention) -> bool:
    before = folded[: mention.start]
    if _PUBLISHED.search(before) or _NEWS_OF.match(folded, mention.end):
        return True
    # "How many cases were reported in 2023?" asks for the year's count, which later articles tell.
    return bool(_REPORTED.search(before)) and not re.search(r"\bhow many|\bhow much|\bcuant", folded)


def _phrase_start(before: str, mention: _Mention) -> int:
    """Where the phrase starts with its preposition."""
    for preposition in (_SINCE, _AFTER, _BEFORE, _UNTIL, _RANGE_START, _IN, _FROM):
        if match := preposition.search(before):
            return match.start()
    return mention.start


def _is_title(text: str, match: re.Match[str]) -> bool:
    """Whether a word of time is part of a name: "USA TODAY", "Apocalypse Now"."""
    return (
        bool(re.search(r"[A-Z]\w*\s$", text[: match.start()])) and text[match.start()].isupper() and not text.isupper()
    )


def _mentions(text: str, folded: str, reference: date) -> list[_Mention]:
    """Every period named in a text, in order, none within another."""
    found: list[_Mention] = []
    for pattern, read in (
        *((form, _read_day) for form in _DAY_FORMS),
        (_MONTH_FORM, _read_month),
        (_RELATIVE, _read_relative),
        (_YEAR_FORM, _read_year),
    ):
        for match in pattern.finditer(folded):
            if any(match.start() < other.end and other.start < match.end() for other in found):
                continue
            if pattern is _RELATIVE and _is_title(text, match):
                continue
            try:
                mention = read(match, reference)
            except ValueError:  # 31 June
                mention = None
            if mention:
                found.append(mention)
    return sorted(found, key=lambda mention: mention.start)


def _read_day(match: re.Match[str], reference: date) -> _Mention | None:
    month = match["month"].rstrip(".")
    number = _MONTHS.get(month) or int(month)
    year = int(match["year"] or reference.year)
    day = date(year, number, int(match["day"]))
    if not match["year"] and day > reference:
        day = day.replace(year=year - 1)
    return _Mention(*match.span(), day, day, "day", not match["year"])


def _read_month(match: re.Match[str], reference: date) -> _Mention | None:
    month, year = match["month"].rstrip("."), match["year"]
    number = _MONTHS[month]
    if not year and not re.fullmatch(_FULL_MONTH, month):
        return None  # "mar" and "set" are words
    if year and year.isdigit():
        first = date(int(year), number, 1)
    elif year:
        first = date(reference.year - (year in ("last year", "ano pasado", "el ano pasado")), number, 1)
    else:
        first = date(reference.year - (number > reference.month), number, 1)
        if (match["past"] or match["pasado"]) and (first.year, first.month) == (reference.year, reference.month):
            first = first.replace(year=first.year - 1)
    named = bool(year or match["past"] or match["pasado"])
    end = match.end("month") if not named and month != match["month"] else match.end()
    return _Mention(match.start(), end, first, _month_end(first), "month", not named)


def _read_year(match: re.Match[str], _: date) -> _Mention:
    year = int(match["year"])
    return _Mention(*match.span(), date(year, 1, 1), date(year, 12, 31), "year")


def _read_relative(match: re.Match[str], reference: date) -> _Mention | None:
    kind = match.lastgroup or ""
    if kind in ("back", "ago"):
        period = _counted_period(match[0], kind, reference)
    elif kind.endswith("weekday"):
        days = (reference.weekday() - _WEEKDAYS[re.search(_WEEKDAY, match[0])[0]]) % 7  # type: ignore[index]
        day = reference - timedelta(days=days or 7 * (kind == "last_weekday"))
        period = day, day
    else:
        period = _relative_period(kind, reference)
    return _Mention(*match.span(), *period, kind, kind == "weekday") if period else None


def _relative_period(kind: str, day: date) -> tuple[date, date]:
    monday = day - timedelta(days=day.weekday())
    month, year = day.replace(day=1), date(day.year, 1, 1)
    match kind:
        case "two_days_ago" | "yesterday":
            past = day - timedelta(days=2 if kind == "two_days_ago" else 1)
            return past, past
        case "this_week":  # on a Monday, too, people mean the seven days that they have just lived through
            return day - timedelta(days=6), day
        case "last_week":
            return monday - timedelta(days=7), monday - timedelta(days=1)
        case "weekend":
            saturday = day - timedelta(days=(day.weekday() - 5) % 7)
            return saturday, min(saturday + timedelta(days=1), day)
        case "this_month":
            return month, day
        case "last_month":
            end = month - timedelta(days=1)
            return end.replace(day=1), end
        case "this_year":
            return year, day
        case "last_year":
            return date(day.year - 1, 1, 1), date(day.year - 1, 12, 31)
        case _:
            return day, day


def _counted_period(phrase: str, kind: str, day: date) -> tuple[date, date] | None:
    """The days of "the past 3 days" (up to the day), of "two weeks ago" and "hace un mes" (the unit that lies back)."""
    unit = re.search(r"hour|hora|day|dia|week|semana|month|mes|year|ano", phrase)
    counted = re.search(rf"\b{_COUNT}\b", phrase)
    count = 1
    if counted:
        word = counted[0].removesuffix(" of")
        count = int(word) if word.isdigit() else _COUNTS[word]
    name = unit[0] if unit else ""
    if name in ("hour", "hora"):
        name, count = "day", -(-count // 24)
    if name in ("month", "mes", "year", "ano"):
        months = count * (12 if name in ("year", "ano") else 1)
        earlier = _months_before(day, months)
        if kind == "back":
            return earlier, day
        if name in ("year", "ano"):
            return date(earlier.year, 1, 1), date(earlier.year, 12, 31)
        return earlier.replace(day=1), _month_end(earlier)
    weeks = name in ("week", "semana")
    earlier = day - timedelta(days=count * (7 if weeks else 1))
    if kind == "back":
        return earlier, day
    margin = timedelta(days=3 if weeks else 0)  # "two weeks ago" is about a week, not one day
    return earlier - margin, earlier + margin


def _months_before(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 - months
    first = date(count // 12, count % 12 + 1, 1)
    return first.replace(day=min(day.day, _month_end(first).day))


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


# --- type of answer ---------------------------------------------------------------------------------------------

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
        words = _WORD.findall(_NOUN_PHRASE_END.split(folded[noun_phrase.end() :])[0])
        head = words[-1] if words else ""
    else:
        words = _WORD.findall(typed)[1:]
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
    return word[0].isupper() or word in _COUNTS or bool(_ADJECTIVE.fullmatch(word))


# --- names ------------------------------------------------------------------------------------------------------

_CONNECTORS = frozenset("of de del la las los da do dos von van der bin al".split())
_NEVER_ALONE = (frozenset(_WEEKDAYS) | frozenset(_MONTHS)) - {"may", "april", "june", "august"}


def find_names(text: str) -> tuple[str, ...]:
    """Capitalised names as typed, in order, each once; a sentence's first word only where it clearly is one."""
    if text.isupper():
        return ()
    names: dict[str, None] = {}
    for parts in _name_parts(text):
        while fold(parts[-1][0]) in _CONNECTORS and parts[-1][0].islower():
            parts.pop()
        name = re.sub(r"['’]s?$", "", text[parts[0].start() : parts[-1].end()])
        if fold(name) not in _NEVER_ALONE:
            names[name] = None
    return tuple(names)


def _name_parts(text: str) -> Iterator[list[re.Match[str]]]:
    """The words of each name, each run beginning with a capitalised one and perhaps ending in "of"."""
    parts: list[re.Match[str]] = []
    tokens = list(_WORD.finditer(text))
    for token, following in zip(tokens, [*tokens[1:], None], strict=False):
        gap = text[parts[-1].end() : token.start()] if parts else ""
        if parts and (re.search(r"['’]s$", parts[-1][0]) or not re.fullmatch(r"\s+|-|\.\s+", gap)):
            yield parts
            parts = []
        capitalised = _is_capitalised(token[0])
        if parts:
            belongs = capitalised or gap == "-" or fold(token[0]) in _CONNECTORS
        else:
            belongs = capitalised and _opens_name(text[: token.start()], token[0], following[0] if following else "")
        if belongs:
            parts.append(token)
        elif parts:
            yield parts
            parts = []
    if parts:
        yield parts


def _is_capitalised(word: str) -> bool:
    return word[0].isupper() or any(character.isupper() for character in word[1:])


def _opens_name(before: str, word: str, following: str) -> bool:
    if word.isupper() and len(word) > 1:
        return True
    starts_sentence = not before.strip() or bool(re.search(r"[.?!:¿¡(]\s*$", before))
    if (starts_sentence or word[0] == "I") and fold(re.sub(r"['’]\w+$", "", word)) in _STOP_WORDS:
        return False
    clearly = following[:1].isupper() or word.endswith(("'s", "’s")) or any(c.isupper() for c in word[1:])
    return not starts_sentence or clearly
