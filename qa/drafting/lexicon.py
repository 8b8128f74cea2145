"""The words of the news that tell what a name is: offices, titles, countries, what no person is called."""

from __future__ import annotations

import re

Asked = tuple[str, str, tuple[str, ...]]
"""A question, its kind, and what a right answer says one of."""

_SHORT = r"(?:(?<=\b[A-Z])|(?<=\b[A-Z][a-z])|(?<=\b[A-Z][a-z][a-z]))\."  # "J.", "Jr.", "Gov."; no sentence's end
NAME_WORD = rf"[A-ZÀ-Þ](?:[\w'’-]|\.(?=\w))*(?:{_SHORT})?(?<!['’]s)(?<!['’])"
NAME = rf"{NAME_WORD}(?: (?:(?:de|del|la|van|von|der|al|bin|da|dos|du|le|y) )*{NAME_WORD})*"
OFFICES = (  # that one person holds at a time
    r"chief executive(?: officer)?|CEO|president|vice president|prime minister|chair(?:man|woman|person)?|head|"
    r"director|director[- ]general|secretary[- ]general|founder|co-founder|governor|mayor|administrator|leader|speaker|"
    r"chief|minister|attorney general|captain|coach|manager|owner|archbishop|commissioner|superintendent|ambassador|"
    r"secretary|treasurer|sheriff|conductor|principal"
)
ROLES = (
    rf"{OFFICES}|attorney|lawyer|spokes(?:man|woman|person)|author|editor|commander|professor|scientist|researcher|"
    r"analyst|economist|expert|physician|doctor|epidemiologist|virologist|astronomer|meteorologist|historian|"
    r"journalist|reporter|writer|novelist|poet|artist|singer|actor|actress|comedian|swimmer|boxer|goalkeeper|striker|"
    r"quarterback|firefighter|nurse|teacher|student|officer|detective|senator|congress(?:man|woman)|representative|"
    r"lawmaker|candidate|activist|archaeologist|strategist|curator|partner|executive|columnist"
)
ROLES_ES = (
    r"(?:presidente|presidenta|expresidente|expresidenta|vicepresidente|vicepresidenta|ministro|ministra|gobernador|"
    r"gobernadora|alcalde|alcaldesa|administrador|administradora|director|directora|portavoz|secretario|secretaria|"
    r"fiscal|seleccionador|seleccionadora|entrenador|entrenadora|líder|jefe|jefa|rey|reina|fundador|fundadora|autor|"
    r"autora|candidato|candidata|comisario|comisaria|embajador|embajadora|capitán|capitana|rector|rectora|arzobispo|"
    r"cardenal|escritor|escritora|papa|juez|jueza|periodista|jugador|jugadora|lingüista|portera|portero|sociólogo)"
)
TITLES = (
    r"(?:(?:[A-Z][\w.&’'-]* |former )){0,3}"
    r"(?:Mayor|Sen\.|Senator|Gov\.|Governor|Rep\.|Judge|Chancellor|Justice|Attorney General|Secretary of State|"
    r"Commissioner|Superintendent|Sheriff|President|Prime Minister|Congress(?:man|woman)|Dr\.?|"
    r"Mr\.?|Mrs\.?|Ms\.?|Chief|Gen\.|General|Secretary|Minister|Lt\.|Col\.|Cpl\.|Capt\.?|Captain|Sgt\.|Professor|"
    r"Prof\.|Rev\.|Frontman|Scientist|Attorney|Marine|Coach|Actor|Actress|Singer|Lawyer|Researcher|Analyst|Founder|"
    r"Co-founder|Spokes(?:man|woman|person)|Detective|Officer|Director|Principal|Author|Host|Comedian|Rapper|Speaker|"
    r"Leader|Ambassador|CEO|Physician|Archbishop|Cardinal|Bishop|Chairman|Chairwoman|Commander|Deputy|Trooper|Member|"
    r"Assessor|Republican|Democrat|Democratic)"
    r"|(?:El |La |el |la )?(?:presidente|presidenta|papa|rey|reina|cardenal|ministro|ministra|juez|jueza|escritor|"
    r"escritora|gobernador|gobernadora|alcalde|alcaldesa|expresidente|expresidenta|senador|senadora)"
)
NO_PERSON = re.compile(
    r"\b(?:university|bank|committee|agency|bureau|compan(?:y|ies)|inc|corp|department|ministry|house|court|council|"
    r"church|street|times|post|news|police|party|league|cup|games?|city|county|states?|river|lake|islands?|airport|"
    r"park|cent(?:er|re)|association|group|union|international|national|united|federation|commission|school|college|"
    r"division|rights|office|unit|hospital|institute|foundation|museum|army|navy|force|guard|services?|board|senate|"
    r"congress|parliament|assembly|awards?|prize|act|bill|war|day|week|month|year|avenue|road|bridge|square|hall|"
    r"tower|castle|abbey|palace|cathedral|stadium|arena|theat(?:er|re)|festival|championships?|olympics|series|show|"
    r"north|south|east|west|northern|southern|eastern|western|central|new|great|saint|san|los|las|el|la|the|hong|sri|"
    r"costa|puerto|hurricane|typhoon|storm|tropical|operation|mount|fort|cape|camp|port|americans?|european|black|"
    r"white|supreme|red|blue|green|golden|silver|world|wall|air|social|daily|weekly|press|reuters|associated|covid|"
    r"omicron|delta|kong|coast|beach|bay|valley|capitol|hills?|christmas|easter|navidad|memorial|independence|"
    r"thanksgiving|medal|medicine|physics|peace|republic|kingdom|emirates|tour|open|network|canyon|peninsula|ocean|"
    r"sea|gulf|strait|province|region|district|inside|tennis|team|airlines?|airways|hotel|energy|oil|gas|motors?|media|music|records|"
    r"studios?|pictures|congo|korea|arabia|africa|lanka|zealand|america|asia|europe|london|paris|berlin|moscow|kyiv|"
    r"beijing|tokyo|chicago|boston|angeles|alabama|alaska|arizona|arkansas|california|colorado|connecticut|delaware|"
    r"florida|hawaii|idaho|illinois|indiana|iowa|kansas|kentucky|louisiana|maine|maryland|massachusetts|michigan|"
    r"minnesota|mississippi|missouri|montana|nebraska|nevada|hampshire|jersey|york|carolina|dakota|ohio|oklahoma|"
    r"oregon|pennsylvania|tennessee|texas|utah|vermont|virginia|wisconsin|wyoming|tribunal|supremo|corte|banco|"
    r"gobierno|ministerio|partido|universidad|real|canal|mar|golfo|ciudad|copa|mundial|liga|federacion|autoridad|"
    r"movimiento|instituto|congreso|senado|audiencia|fiscalia|guardia|cruz|oro|balon)\b"
)
COUNTRIES = frozenset(
    """Afghanistan Argentina Australia Austria Bangladesh Belarus Belgium Bolivia Brazil Britain Bulgaria Cambodia
    Cameroon Canada Chile China Colombia Croatia Cuba Cyprus Denmark Ecuador Egypt England Estonia Ethiopia Finland
    France Germany Ghana Greece Guatemala Haiti Honduras Hungary Iceland India Indonesia Iran Iraq Ireland Israel Italy
    Jamaica Japan Kazakhstan Kenya Kuwait Laos Latvia Lebanon Libya Lithuania Malaysia Mali Malta Mexico Moldova
    Mongolia Morocco Myanmar Nepal Netherlands Nicaragua Niger Nigeria Norway Pakistan Panama Paraguay Peru Philippines
    Poland Portugal Qatar Romania Russia Rwanda Scotland Senegal Serbia Singapore Slovakia Slovenia Somalia Spain Sudan
    Sweden Switzerland Syria Taiwan Tanzania Thailand Tunisia Turkey Uganda Ukraine Uruguay Venezuela Vietnam Wales
    Yemen Zambia Zimbabwe""".split()
)
PERSONAL = (  # what is told of people alone
    r"(?:(?:was|were) (?:born|arrested|elected|named|sentenced|appointed|charged)|resigned|married|scored|tweeted|"
    r"testified|graduated|wrote|sang|(?:fue|fueron) (?:elegid|nombrad|detenid|condenad)\w+|juró|nació|murió|falleció|"
    r"dimitió|besó|marcó|asumió|escribió|reconoció)\b"
)
SAYS = r"(?:said|says|told|wrote|tweeted|added|dijo|declaró|afirmó|aseguró|explicó)\b"
DIED = re.compile(
    r"\b(?:died|dies|dead|death|killed|drowned|funeral|obituary|body|slain|murder|missing|victims?|shot|"
    r"murió|falleció|muerte|muerto|muerta)\b"
)
OPENINGS = (  # of a sentence, and of no name
    "Though|Although|Maybe|Sometimes|Yet|Perhaps|Unless|Despite|Like|Unlike|Even|Meanwhile|Inside|Still|Today|Aunque|"
    "Según"
)
