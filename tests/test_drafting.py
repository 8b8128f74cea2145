"""Questions drafted from sentences: as a person would ask, each with what answers it; else none at all."""

import re

import pytest

from ingest.records import Article
from qa.drafting import drafts, sort_of

ENGLISH = [
    ("Mayor Ana Ruiz opened the new ferry pier in Arvika before a cheering crowd.",
     "Who opened the new ferry pier in Arvika?", "Ana Ruiz"),
    ("Finland was admitted on April 4, 2023 as the 31st member.",
     "When was Finland admitted as the 31st member?", "April 4, 2023"),
    ("In July 2013, Croatia joined the European Union after long talks.",
     "When did Croatia join the European Union?", "July 2013"),
    ("Griner had been a star for years, and Griner was arrested Feb. 17 at Moscow's main airport.",
     "When was Griner arrested at Moscow's main airport?", "Feb. 17"),
    ("Katalin Kariko, who was born in Hungary, moved to the United States in 1985.",
     "Where was Katalin Kariko born?", "Hungary"),
    ("More than 300 researchers from 80 institutes took part in the Event Horizon Telescope project.",
     "How many researchers from 80 institutes took part in the Event Horizon Telescope project?", "300"),
    ("Eleven of the twelve voting members backed the decision.",
     "How many of the twelve voting members backed the decision?", "Eleven"),
    ("Salvage crews lifted about 50,000 tons of steel and concrete from the Patapsco River.",
     "How many tons of steel and concrete did salvage crews lift from the Patapsco River?", "50,000"),
    ("The project cost about 700 million euros.", "How much did the project cost?", "700 million euros"),
    ("Roughly 12 percent of world trade passes through the canal.",
     "What percentage of world trade passes through the canal?", "12"),
    ("The average time to complete an immigration case is 1,110 days, the court said.",
     "What is the average time to complete an immigration case?", "1,110"),
    ("The Dali is owned by the Singapore firm Grace Ocean, managed by Synergy Marine and chartered by Maersk.",
     "Who owns the Dali?", "Grace Ocean"),
    ("George Kurtz, the chief executive of CrowdStrike, apologised on Friday.",
     "Who is the chief executive of CrowdStrike?", "George Kurtz"),
    ("Turkey ratified the entry in January, and India became the first country to land near the Moon's south pole.",
     "Which country became the first to land near the Moon's south pole?", "India"),
    ("A magnitude 7.8 earthquake struck southern Turkey before dawn on Monday.",
     "What struck southern Turkey?", "earthquake"),
]  # fmt: skip

SPANISH = [
    ("Bernardo Arévalo juró como presidente de Guatemala en enero de 2024.",
     "¿Quién juró como presidente de Guatemala?", "Bernardo Arévalo"),
    ("El escritor peruano Mario Vargas Llosa murió el domingo 13 de abril en Lima a los 89 años.",
     "¿Cuándo murió Mario Vargas Llosa en Lima?", "13 de abril"),
    ("En Catar se marcaron 172 goles, más que en cualquier edición anterior.",
     "¿Cuántos goles se marcaron en Catar?", "172"),
    ("Unas 5.000 personas han sido evacuadas de El Paso y Tazacorte.",
     "¿Cuántas personas han sido evacuadas de El Paso y Tazacorte?", "5.000"),
    ("La gobernadora de Guerrero, Evelyn Salgado, pidió ayuda al ejército.",
     "¿Quién es la gobernadora de Guerrero?", "Evelyn Salgado"),
    ("La red peninsular se vino abajo el lunes 28 de abril a las 12.33.",
     "¿Cuándo se vino abajo la red peninsular?", "28 de abril"),
]  # fmt: skip


def drafted(text, language="en"):
    return {draft.question: draft for draft in drafts(Article(text, language=language))}


@pytest.mark.parametrize(("sentence", "question", "answer"), ENGLISH)
def test_an_english_sentence_is_asked_about_as_a_person_would(sentence, question, answer):
    assert answer in drafted(sentence)[question].answers


@pytest.mark.parametrize(("sentence", "question", "answer"), SPANISH)
def test_a_spanish_sentence_is_asked_about_as_a_person_would(sentence, question, answer):
    assert answer in drafted(sentence, "es")[question].answers


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("Sweden had to wait longer because Turkey and Hungary delayed their approval.",
         "Why did Sweden have to wait longer?"),
        ("Running the service is expensive because each answer needs much computing power.",
         "Why is running the service expensive?"),
        ("Russia's Luna-25 probe, as its makers said, was bold, but the Luna-25 probe was lost on August 19.",
         "What happened to the Luna-25 probe?"),
        ('"Good things come to those who wait," Antony Blinken said at the ceremony.',
         "What did Antony Blinken say at the ceremony?"),
        ("Copernicus, a service that measures the warmth of the world, and Etzel, a network of radio stations, agree.",
         "What is Etzel?"),
    ],
)  # fmt: skip
def test_where_the_sentence_itself_is_the_answer_no_word_of_it_is(sentence, question):
    assert drafted(sentence)[question].answers == ()


@pytest.mark.parametrize(
    "sentence",
    [
        "The team kept Chris Godwin, who recorded a team-high 98 catches and 1,103 yards in 14 games.",
        "Andre Burakovsky is a forward. Burakovsky finally broke the stalemate 1:23 into overtime.",
        "Ukraine took back more than 600 villages and nearly 2,000 square miles “of our own land”, an officer said.",
    ],
)
def test_a_number_is_never_cut_in_two(sentence):
    assert not [asked for asked in drafted(sentence) if re.search(r"\b[12]\?$", asked)]


@pytest.mark.parametrize(
    "sentence",
    [
        "It opened the new ferry pier in Arvika on April 4, 2023.",  # of whom?
        "The company announced a paid version on February 1, 2023.",  # which?
        "Rates were higher in July 2013 than at any time since the war.",  # the date is part of a comparison
        "These rules were rejected because they would have cost too much.",
        "Nobody was surprised, and nobody said so in 2019.",
        "But as Herman pulled the car up to the house, the lights went out.",
        "Gustavo Petro speaks at an election debate in Bogota.",  # a caption
        "Is this the year in which Finland joined the alliance?",
        "WATCH MORE: Clashes in Sri Lanka after the resignation.",
        "Read more at nalund@usatoday.com and on Twitter.",
    ],
)
def test_what_could_not_be_understood_alone_is_left_alone(sentence):
    assert drafted(sentence) == {}


@pytest.mark.parametrize(
    ("sentence", "question", "short"),
    [
        ("Anne Lopez, the state's attorney general, announced a review of the decisions taken in the fire.",
         "What did Anne Lopez announce in the fire?", ("review of the decisions taken",)),
        ("Mary Brockman, a co-founder, was removed as chairman. Brockman said so.", "Who is Mary Brockman?", ()),
        ("Sweden had to wait longer because Turkey and Hungary delayed their approval.",
         "Why did Sweden have to wait longer?", ()),
        ("Federal prosecutors in Boston are investigating the collapse of FTX Trading.",
         "Who is investigating the collapse of FTX Trading?", ("Federal prosecutors in Boston",)),
    ],
)  # fmt: skip
def test_a_short_answer_is_a_part_of_the_sentence_or_there_is_none(sentence, question, short):
    assert drafted(sentence)[question].short == short


def test_a_short_answer_is_first_as_the_sentence_has_it():
    text = "Lionel Messi said he was happy. Messi scored the last goal of the final in Doha against France."
    assert drafted(text)["Who scored the last goal of the final in Doha against France?"].short == (
        "Messi",
        "Lionel Messi",
    )


def test_the_sort_of_a_name_is_told_by_its_article():
    article = Article("The Tidal Bank of Arvika fired Ana Ruiz, said Bo Lund of Finland. Ruiz resigned.")
    names = ("Ana Ruiz", "Ruiz", "Finland", "Tidal Bank", "Arvika")
    assert [sort_of(name, article) for name in names] == ["person", "person", "country", "", ""]


def test_a_person_called_by_the_last_name_is_asked_about_by_the_whole():
    text = "Lionel Messi said he was happy. Messi has won the Golden Ball twice since July 2014, he joined in 2023."
    found = drafted(f"{text}\n\nMessi signed the contract with the club from Miami on July 15, 2023.")
    assert "When did Lionel Messi sign the contract with the club from Miami?" in found


def test_he_is_whoever_the_sentence_before_names():
    text = "Taylor Hoover was a sergeant. He served in the Marines for 11 years."
    assert drafted(text)["How long did Taylor Hoover serve in the Marines?"].answers == ("11 years",)


def test_a_caption_before_tells_nothing_of_who_she_is():
    text = "Win McNamee, Getty Images\n\nShe was inducted into the Country Music Hall of Fame in 1988."
    assert drafted(text) == {}


def test_two_persons_before_leave_open_who_he_is():
    text = "Taylor Hoover met Daniel Page, a sergeant. He served in the Marines for 11 years."
    assert not [question for question in drafted(text) if "serve" in question]


def test_an_office_that_was_left_and_one_who_died_are_not_asked_about():
    left = "Herman Andaya, the head of the Maui Emergency Management Agency, resigned last week."
    died = "Herman Andaya, the head of the Maui Emergency Management Agency, died last week."
    assert not [question for question in drafted(left) if question.startswith("Who is the head")]
    assert not [question for question in drafted(died) if question.startswith("Who is")]


def test_no_question_says_its_own_answer():
    for sentence, *_ in ENGLISH:
        for question, draft in drafted(sentence).items():
            assert not any(answer.lower() in question.lower().split() for answer in draft.answers)


def test_the_sentence_that_answers_is_told_with_its_place():
    text = "Nothing is new here.\n\nCroatia joined the European Union in July 2013. All danced."
    (draft,) = (d for d in drafts(Article(text, language="en")) if d.kind == "when")
    assert text[draft.start : draft.end] == draft.sentence == "Croatia joined the European Union in July 2013."


def test_a_language_without_rules_has_no_questions():
    assert drafted("Suomi liittyi sotilasliitto Natoon huhtikuussa 2023 pitkien neuvottelujen jälkeen.", "fi") == {}


@pytest.mark.parametrize("language", ["en", "es"])
def test_hostile_text_neither_breaks_nor_delays_the_rules(language):
    text = "\n\n".join(
        [
            "Ana " * 40 + "won.",
            "The " + "very " * 40 + "end was " + "on May 3, " * 3 + "2020.",
            "A, b, c, and d, " * 9 + "said Ana Ruiz.",
            "<script>alert(1)</script> Ana Ruiz opened the pier on May 3, 2020 in Arvika.",
            "Ana\u202e Ruiz\u200b opened the pier on May 3, 2020 in Arvika.",
        ]
    )
    assert all(len(question) < 300 for question in drafted(text, language))
