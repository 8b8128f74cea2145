"""Drops from an article's text what is not the article: menus, icons, repeated titles, promotions, link lists.

The text is judged line by line, by four kinds of evidence: where a line stands (above the first prose, inside,
after the last), its shape (length, punctuation, digits), repetition, and short lists of words in English and
Spanish. A sentence of the article is worth more than a clean page: where the evidence is thin, the line stays.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import replace
from functools import cache, lru_cache
from urllib.parse import urlsplit

from ingest.records import Article

# Never the article, wherever they stand alone on a line (also several in a row, or glued together).
_ANYWHERE = """
Down Icon|Up Icon|Right Icon|Left Icon|Close Icon|Menu Icon|Search Icon|Share Icon|Play Icon|Arrow Icon|Chevron Icon
Animated Arrow|Arrow Right|Arrow Left|Arrow Down|Arrow Up|Chevron Right|Chevron Left|Chevron Down|Chevron Up
Select Language|Select Country|Select Region|Select Edition|Choose Language|Choose your language|Choose Country
Skip to content|Skip to main content|Skip to navigation|Jump to content|Toggle navigation|Toggle menu|Open menu
Close menu|Back to top|Go to top|Advertisement|Advertisements|Advertising|Scroll to continue
Article continues below advertisement|Story continues below|Read more|Continue reading|Click to read more|Show more
Load more|Load more stories|See all|View all|View comments|Show comments|Post a comment|Leave a comment|Share this
Share this article|Share this story|Share article|Share on Facebook|Share on Twitter|Share on X|Share on WhatsApp
Share on LinkedIn|Share on Telegram|Share via Email|Share by email|Copy link|Link copied|Print this article
Email this article|Save article|Accept cookies|Accept all|Accept all cookies|Reject all|Cookie settings
Cookie preferences|Manage cookies|Subscribe now|Subscribe today|Sign up now|Sign in|Sign up|Log in|Log out|My account
Create account|Toggle caption|Hide caption|Enlarge this image|Add as a preferred source on Google|Ir al contenido
Saltar al contenido|Ir al contenido principal|Seleccionar idioma|Selecciona idioma|Seleccione su idioma
Elige tu idioma|Seleccionar país|Selecciona país|Elige tu país|Elegir idioma|Elegir país|Publicidad|Anuncio
Continúa leyendo|Seguir leyendo|Leer más|Lee más|Ver más|Ver todo|Ver todos|Mostrar más|Cargar más|Ver comentarios
Dejar un comentario|Deja un comentario|Comparte esta noticia|Compartir esta noticia|Comparte este artículo
Compartir en Facebook|Compartir en Twitter|Compartir en X|Compartir en WhatsApp|Copiar enlace|Enlace copiado
Aceptar cookies|Aceptar todas|Aceptar todo|Rechazar todo|Configurar cookies|Suscríbete|Suscríbete ahora|Iniciar sesión
Inicia sesión|Cerrar sesión|Regístrate|Mi cuenta|Volver arriba
"""

# Furniture at the top or the bottom; inside the article the same words may be a heading.
_AT_EDGES = """
Home|Homepage|Menu|Search|News|Latest|Latest news|Breaking|Breaking news|Live|World|Politics|Business|Economy|Markets
Money|Sport|Sports|Opinion|Culture|Arts|Entertainment|Lifestyle|Style|Travel|Food|Health|Science|Tech|Technology
Climate|Weather|Local|National|International|Video|Videos|Photos|Pictures|Podcast|Podcasts|Newsletter|Newsletters
Games|Crossword|Obituaries|Classifieds|Jobs|Shop|Subscribe|Subscriptions|Register|Login|Account|Profile|Share|Tweet
Similar news|All news|Email|E-mail|Print|Save|Copy|Link|Comments|Comment|Like|Follow|Follow us|More|Close|Open|Play
Pause|Next|Previous|Loading|Facebook|Twitter|X|Instagram|YouTube|TikTok|LinkedIn|WhatsApp|Telegram|Reddit|Pinterest
Flipboard|Threads|Bluesky|Mastodon|RSS|Google News|App Store|Google Play|Contact|Contact us|About|About us|Advertise
Careers|Help|FAQ|Privacy|Privacy policy|Terms|Terms of use|Terms of service|Terms and conditions|Cookie policy|Cookies
Sitemap|Site map|Accessibility|Do not sell my personal information|Corrections|Archive|Authors|Editions|Edition
Language|Country|Region|English|Español|Spanish|Português|Français|Deutsch|Italiano|Русский|العربية|中文|日本語|and|or
Inicio|Portada|Menú|Buscar|Noticias|Últimas noticias|Última hora|En vivo|Mundo|Política|Negocios|Economía|Finanzas
Deportes|Opinión|Cultura|Espectáculos|Entretenimiento|Estilo|Viajes|Salud|Ciencia|Tecnología|Clima|Nacional|Nacionales
Estados|Internacional|Internacionales|Sociedad|Fotos|Fotografía|Galerías|Boletines|Boletín|Suscripciones|Suscribirse
Compartir|Comparte|Imprimir|Guardar|Correo|Comentarios|Comentar|Me gusta|Síguenos|Seguir|Más|Cerrar|Abrir|Siguiente
Anterior|Cargando|Contacto|Contáctanos|Quiénes somos|Aviso legal|Aviso de privacidad|Política de privacidad
Política de cookies|Términos|Términos y condiciones|Términos de uso|Publicítate|Hemeroteca|Edición|Ediciones|Idioma
País|Inglés|Francés|Noticias similares|y|o
"""

_ANY_OR_EDGES = _ANYWHERE + _AT_EDGES

# What stands below such a line, if it is short and no prose, leads to other articles.
_TAIL_MARKS = """
Related|Related news|Related articles|Related stories|Related content|Related posts|Related topics|Related coverage
Similar news|Similar articles|Similar stories|Read next|Up next|Read also|Also read|See also|You may also like
You might also like|You may be interested in|Recommended|Recommended for you|Recommended stories|More stories
More news|More from|More on this|More on this story|More on this topic|More like this|Most read|Most viewed
Most popular|Popular|Trending|Trending now|Top stories|Latest stories|Latest news|Explore more
Explore more on these topics|Editors' picks|Editor's picks|Don't miss|What to read next|From our partners|Sponsored
Sponsored content|Promoted|Around the web|From the web|Tags|Topics|Comments|Leave a reply|All news|Read more
Share this|Follow us|Sign up for our newsletter|Relacionadas|Relacionados|Notas relacionadas|Noticias relacionadas
Artículos relacionados|Contenido relacionado|Temas relacionados|Noticias similares|Te puede interesar
También te puede interesar|Te podría interesar|Te recomendamos|Recomendados|Recomendadas|Lee también|Leer también
Lea también|Ver también|Más noticias|Más información|Más leídas|Lo más leído|Lo más visto|Más de|Últimas noticias
Lo último|No te pierdas|Etiquetas|Temas|Comentarios|Deja una respuesta|Contenido patrocinado|Patrocinado
"""

_SELECTOR = re.compile(
    r"(?:select|choose|elige|elegir|selecciona|seleccionar|seleccione|escoge)\b.{0,12}"
    r"\b(?:language|country|region|edition|location|idioma|pais|region|edicion)"
)
_PROMOTION = re.compile(
    r"""(?:please\s)?(?:sign\sup|subscribe|suscribete|inscribete|registrate)\b
            .*\b(?:newsletters?|inbox|news\salerts|our\sjournalism|boletin(?:es)?|tu\scorreo|nuestro\scanal)\b.*
        | subscribe\sto\s(?:\S+\s){1,4}today
        | (?:get|receive|recibe)\b.*\b(?:newsletters?|in\syour\sinbox|boletin|en\stu\scorreo)\b.*
        | would\syou\slike\sto\sreceive\b.*\bnewsletter\b.*
        | (?:follow|siguenos|sigue|sigue\sa)\s(?:\S+\s){0,7}?(?:on|en)\s
            (?:(?:our|the|nuestro|nuestra)\s)?(?:twitter|facebook|instagram|whats\s?app|telegram|tik\s?tok|you\s?tube|x)\b.*
        | (?:like|join|find|unete\sa|encuentranos)\s(?:us|our|nuestro)\s.*
            \b(?:twitter|facebook|instagram|whats\s?app|telegram|tik\s?tok|you\s?tube)\b.*
        | (?:we|this\s(?:web\s?)?site|este\ssitio(?:\sweb)?|esta\spagina)\s(?:uses?|usa|utiliza)\scookies\b.*
        | (?:utilizamos|usamos)\scookies\b.*
        | by\s(?:continuing|clicking|browsing|subscribing|signing\sup|using\s(?:this|our))\b
            .*\b(?:cookies|privacy\spolicy|terms\s(?:of|and)|consent)\b.*
        | al\s(?:continuar|navegar|suscribirte)\b.*\b(?:cookies|privacidad|terminos)\b.*
        | (?:click|tap|haz\sclick?|da\sclick?)\s(?:here|aqui)\b.*
        | support\s(?:local|our|independent)\sjournalism\b.*
        | (?:download\sour|descarga\snuestra)\b.*\bapp\b.*
        | (?:already\sa\ssubscriber|ya\seres\ssuscriptor)\b.*
        | (?:please\s)?enable\s(?:javascript|java\sscript|cookies)\b.*""",
    re.VERBOSE,
)
_LINK = re.compile(
    r"(?:read more|read also|also read|read next|related|see also|more from [\w ]{1,30}|watch|don t miss"
    r"|lee tambien|lea tambien|leer mas|lee mas|mira tambien|te puede interesar|relacionad[oa]s?)"
)
_COUNTER = re.compile(
    r"\d[\d ]*[km]? (?:shares?|comments?|views?|likes?|replies|min(?:ute)?s? read|compartidos|comentarios|vistas"
    r"|min(?:utos)? de lectura)|lectura de \d+ min(?:utos)?"
)
_ICON = re.compile(r"(?:\w+ ){1,4}icon")  # the alternative text of a drawn button, "Scroll to top Icon"
_CREDIT = re.compile(
    r"(?:file )?(?:photo(?:graph)?s?|images?|pictures?|credits?|fotos?|im[aá]gen(?:es)?|fotograf[ií]as?|cr[eé]ditos?)"
    r"(?: by| de| por| credit)? ?[:/|] ?",
    re.IGNORECASE,
)
_CREDIT_WORDS = frozenset("via by for de del la y and of the courtesy file".split())
_RIGHTS = re.compile(
    r"(?:©|\(c\) |copyright (?:©|\(c\)|\d{4})).*|.{0,100}\b(?:all rights reserved|derechos reservados)\.?"
)
_TAGS = re.compile(r"(?:tags?|topics|keywords|filed under|etiquetas|temas|archivado en|en este articulo) ?: .{1,200}")
_KEPT_ABOVE_TITLE = re.compile(r"\A\Z|\d|\A(?:by|por)\s|[.!?]\Z", re.IGNORECASE)  # metadata is read from dates, bylines
_TITLE_SUFFIX = re.compile(r"\s[|–—-]\s[^|–—]{2,40}$")
_SENTENCE_END = re.compile(r"[.!?…。！？:;][\"'”’»)\]]*$")
_INNER_END = re.compile(r"\w{3}[.!?…][\"'”’»)\]]*\s")
_HEADLINE_WORDS = range(3, 41)
_LONGEST = 400  # characters; a longer line is no furniture and no title
_CAMEL = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])")

_TO_NEWLINE = dict.fromkeys(map(ord, "\r\x0b\x0c\x1c\x1d\x1e\x85\u2028"), "\n") | {0x2029: "\n\n"}


def clean(article: Article) -> Article:
    """The article with a normal text free of page furniture, and its title if the page repeats one.

    Pure; cleaning twice changes nothing. The text is "" where nothing of it is an article.
    """
    title = _one_line(article.title)
    source = _one_line(article.source)
    names = _outlet_names(source, article.url)
    lines = _normal(article.text).split("\n")
    before = None
    while before != (title, lines):
        before = (title, lines)
        lines = _trimmed_bottom(lines, title, names)  # first: it goes by headings that are furniture themselves
        lines = _without_furniture(lines)
        title, lines = _without_title(title, lines)
        lines = _trimmed_top(lines, names)
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    authors = tuple(name for name in map(_one_line, article.authors) if name)
    return replace(article, title=title, text=text, source=source, authors=authors)


def _normal(text: str) -> str:
    """Composed Unicode, plain spaces and newlines, nothing invisible."""
    text = text.replace("\r\n", "\n").translate(_TO_NEWLINE)
    text = text.translate({ord(c): _plain(c) for c in set(text)})
    text = unicodedata.normalize("NFC", text)
    text = "\n".join(" ".join(line.split()) for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


@cache
def _plain(character: str) -> str:
    """The character, a space for any odd space, "" for what cannot be seen."""
    category = unicodedata.category(character)
    if character == "\n":
        return character
    if character == "\t" or category == "Zs":
        return " "
    if category in ("Cc", "Cf"):
        return ""
    return "\ufffd" if category == "Cs" else character


def _one_line(text: str) -> str:
    return " ".join(_normal(text).split())


# --- anywhere


def _without_furniture(lines: list[str]) -> list[str]:
    """The lines without those that are furniture wherever they stand."""
    furniture = []
    selector = False
    for line in lines:
        chosen = selector and len(line.split()) <= 3 and not _SENTENCE_END.search(line)
        furniture.append(bool(line) and (chosen or _is_furniture(line)))
        if line:
            selector = len(line) <= 60 and _SELECTOR.fullmatch(_words(line)) is not None
    return _kept(lines, furniture)


def _kept(lines: list[str], furniture: list[bool]) -> list[str]:
    """The lines that are not furniture, or are so only by chance, as part of a paragraph of several lines."""
    kept: list[str] = []
    for i, line in enumerate(lines):
        before = kept[-1] if kept else ""
        after = lines[i + 1] if i + 1 < len(lines) and not furniture[i + 1] else ""
        if not furniture[i] or _is_wrapped(before, after):
            kept.append(line)
    return kept


def _is_wrapped(before: str, after: str) -> bool:
    """True for a line between these two if they show that one paragraph runs over all three."""
    return (len(before) >= 40 and not _SENTENCE_END.search(before)) or after[:1].islower()


def _is_furniture(line: str) -> bool:
    if not any(map(str.isalnum, line)):
        return True
    if len(line) > _LONGEST or line[0] in "\"'“‘«":
        return False
    return _is_phrase(line, _ANYWHERE) or _is_credit(line) or _is_notice(line)


@lru_cache(maxsize=4096)
def _is_notice(line: str) -> bool:
    """True for an invitation to subscribe or follow, a cookie notice, a counter, a link to another article."""
    words = _words(line)
    if _COUNTER.fullmatch(words) or _ICON.fullmatch(words) or (len(line) <= 300 and _PROMOTION.fullmatch(words)):
        return True
    head, colon, link = line.partition(":")
    return bool(colon and link and not line.endswith(".") and _LINK.fullmatch(_words(head)))


def _is_credit(line: str) -> bool:
    """True for "Photo: Ann Poe / Getty Images": names alone, so that a caption with words of its own stays."""
    keyword = _CREDIT.match(line)
    names = line[keyword.end() :].split() if keyword else []
    return 0 < len(names) <= 8 and all(n[0].isupper() or n[0] in "@©(/|" or n in _CREDIT_WORDS for n in names)


# --- the title


def _without_title(title: str, lines: list[str]) -> tuple[str, list[str]]:
    """The title, found by its repetition if there was none, and the lines without it.

    What stands above the title is not the article, unless it is prose, a date or a byline.
    """
    top = _first_prose(lines, but=title)
    if not title:
        title = _repeated_line(lines)
        top = _first_prose(lines, but=title)
    if not title:
        return title, lines
    found = [i for i, line in enumerate(lines[:top]) if _same_title(line, title)]
    if not found:
        return title, lines
    above = [line for line in lines[: found[0]] if len(line.split()) > 6 or _KEPT_ABOVE_TITLE.search(line)]
    below = [line for line in lines[found[0] : top] if not _same_title(line, title)]
    return title, above + below + lines[top:]


def _repeated_line(lines: list[str]) -> str:
    """A page's headline: the first line above the prose that is there again before any prose, or "".

    It may end like a sentence, as headlines of machine-translated pages do.
    """
    seen: set[str] = set()
    prose = ""
    for line in filter(None, lines):
        if line in seen:
            return line
        if prose:
            return ""
        if len(line.split()) in _HEADLINE_WORDS and len(line) <= 200:
            seen.add(line)
        if _is_prose(line):
            prose = line
    return ""


def _first_prose(lines: list[str], but: str) -> int:
    for i, line in enumerate(lines):
        if _is_prose(line) and not _same_title(line, but):
            return i
    return len(lines)


def _same_title(line: str, title: str) -> bool:
    """True where both are one headline, perhaps with the outlet's name after a bar or dash in one of them."""
    if line == title:
        return bool(line)
    if not line or not title or max(len(line), len(title)) > _LONGEST:
        return False
    a, b = _words(line), _words(title)
    return a == b or a == _words(_TITLE_SUFFIX.sub("", title)) or b == _words(_TITLE_SUFFIX.sub("", line))


# --- above the first prose and below the last


def _trimmed_top(lines: list[str], names: frozenset[str]) -> list[str]:
    """The lines without the menu at the top; a menu's own words may stand among known ones."""
    start = known = 0
    for i, line in enumerate(lines):
        if not line:
            continue
        if _is_edge_furniture(line, names):
            known += 1
            start = i + 1
        elif known < 3 or i - start > 5 or not _is_menu_item(line):
            break
    return _without_buttons(lines[start:], names)


def _without_buttons(lines: list[str], names: frozenset[str]) -> list[str]:
    """The lines without the buttons and kickers between headline and first prose."""
    top = _first_prose(lines, but="")
    if top == len(lines):
        return lines
    return _kept(lines, [bool(line) and i < top and _is_edge_furniture(line, names) for i, line in enumerate(lines)])


def _trimmed_bottom(lines: list[str], title: str, names: frozenset[str]) -> list[str]:
    """The lines without link lists, signatures and legal lines after the last prose."""
    last_prose = max((i for i, line in enumerate(lines) if _is_prose(line)), default=None)
    if last_prose is not None:
        body, tail = lines[: last_prose + 1], lines[last_prose + 1 :]
        marks = (i for i, line in enumerate(tail) if _is_phrase(line, _TAIL_MARKS))
        tail = tail[: next(marks, len(tail))]
        count = Counter(tail)
        repeated = {line for line in tail if count[line] > 1 and len(line.split()) <= 4 and _is_wordy(line)}
        lines = body + [line for line in tail if line not in repeated and not _same_title(line, title)]
    end = len(lines)
    while end and (not lines[end - 1] or _is_edge_furniture(lines[end - 1], names) or _is_legal(lines[end - 1])):
        end -= 1
    return lines[:end]


def _is_edge_furniture(line: str, names: frozenset[str]) -> bool:
    if len(line) > _LONGEST:
        return False
    return _words(line).replace(" ", "") in names or _is_phrase(line, _ANY_OR_EDGES)


def _is_legal(line: str) -> bool:
    folded = _folded(line[:_LONGEST])
    return len(line) < _LONGEST and bool(_RIGHTS.fullmatch(folded) or _TAGS.fullmatch(folded))


def _is_menu_item(line: str) -> bool:
    return len(line.split()) <= 2 and _is_wordy(line)


def _is_wordy(line: str) -> bool:
    """True for words alone: no digits, and no punctuation that ends a sentence."""
    return not any(map(str.isdigit, line)) and not _SENTENCE_END.search(line)


# --- what a line is made of


def _is_prose(line: str) -> bool:
    """True for a line that holds a sentence, or so many words that it must."""
    words = len(line.split())
    if words >= 20 or line.endswith(("。", "！", "？", "。」", "।")):
        return True
    return words >= 5 and bool(_SENTENCE_END.search(line) or _INNER_END.search(line))


@lru_cache(maxsize=8192)
def _is_phrase(line: str, phrases: str) -> bool:
    """True for a line made of nothing but the phrases."""
    return len(line) <= _LONGEST and _phrases(phrases).fullmatch(_words(line) + " ") is not None


@cache
def _phrases(phrases: str) -> re.Pattern[str]:
    """Matches one or more of the phrases, each followed by a space."""
    words = {_words(phrase) for line in phrases.split("\n") for phrase in line.split("|")} - {""}
    return re.compile("(?:(?:" + "|".join(sorted(map(re.escape, words), key=len, reverse=True)) + ") )++")


@lru_cache(maxsize=8192)
def _words(line: str) -> str:
    """The line's words alone, in lower case without accents; words glued together by a page are parted."""
    return " ".join(re.findall(r"\w+", _folded(_CAMEL.sub(" ", line))))


def _folded(line: str) -> str:
    decomposed = unicodedata.normalize("NFKD", line)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def _outlet_names(source: str, url: str) -> frozenset[str]:
    """How the outlet may sign: its name, its host and the words of its host, without spaces."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    names = {source, host, host.removeprefix("www."), *(label for label in host.split(".") if len(label) > 2)}
    return frozenset(_words(name).replace(" ", "") for name in names) - {""}
