"""The API as a program meets it: a real server, a real library, Gradio's own client."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from datetime import date

import pytest
from serving import make_library, serving

from ingest.library import Library
from ingest.records import Article
from qa.records import Answer, Citation

HOW_MANY = "How many passengers were stranded?"
GRAPES = "When do growers in the Lena valley expect to pick grapes?"
BIBLIOTECA = "¿Cuántos libros tiene la biblioteca de Cañaveral?"


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    from ui.desk import Desk

    with Library.open(make_library(tmp_path_factory.mktemp("api")), follow=True) as library:
        yield Desk(library)


@pytest.fixture(scope="module")
def address(desk):
    with serving(desk) as address:
        yield address


@pytest.fixture(scope="module")
def client(address):
    from gradio_client import Client

    return Client(address, verbose=False, analytics_enabled=False)


@pytest.fixture(scope="module")
def ask(client):
    return lambda question, **where: client.predict(question, **where, api_name="/ask")


def refused(call, *values, **named) -> str:
    """The sentence with which a call is refused."""
    from gradio_client.exceptions import AppError

    with pytest.raises(AppError) as error:
        call(*values, **named)
    return str(error.value)


def post(address: str, body: object, **headers: str) -> dict:
    sent = json.dumps(body).encode()
    request = urllib.request.Request(address, sent, {"Content-Type": "application/json", **headers})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


# --- what there is ---


def test_four_endpoints_are_documented_and_no_event_of_the_page(address):
    with urllib.request.urlopen(f"{address}/gradio_api/info", timeout=30) as answer:
        info = json.load(answer)
    assert sorted(info["named_endpoints"]) == ["/ask", "/evaluate", "/ingest", "/retrieve"]
    assert info["unnamed_endpoints"] == {}
    for endpoint in info["named_endpoints"].values():
        assert endpoint["description"]
        assert all(parameter["type"] for parameter in endpoint["parameters"])


def test_only_what_cannot_be_left_out_is_required(address):
    with urllib.request.urlopen(f"{address}/gradio_api/info", timeout=30) as answer:
        endpoints = json.load(answer)["named_endpoints"]
    required = {
        name: [p["parameter_name"] for p in endpoint["parameters"] if not p["parameter_has_default"]]
        for name, endpoint in endpoints.items()
    }
    assert required == {"/ask": ["question"], "/retrieve": ["question"], "/ingest": [], "/evaluate": ["questions"]}


# --- asking ---


def test_an_answer_comes_with_verbatim_citations(ask, desk):
    found = ask(HOW_MANY)
    citation = found["citations"][0]
    article = desk.library.article(citation["article_id"])
    assert "1,200" in found["text"] and "[1]" in found["text"] and not found["abstained"]
    assert article.text[citation["start"] : citation["end"]] == citation["quote"]
    assert citation["number"] == 1 and citation["published"] == "2025-03-04"
    assert {citation["source"], citation["also_in"][0]["source"]} == {"Harbour Gazette", "Copy Post"}


def test_a_question_in_spanish_is_answered_with_its_letters_as_they_are(ask):
    found = ask(BIBLIOTECA, language="es")
    assert "45.000" in found["text"]
    assert found["citations"][0]["title"] == "La biblioteca de Cañaveral reabre"


def test_what_the_articles_do_not_say_is_not_answered(ask):
    found = ask("Who won the 2018 World Cup?")
    assert found["abstained"] and not found["citations"] and found["passages"]


def test_a_follow_up_uses_the_history(client):
    def closest(asked_before: str) -> str:
        turns = [[asked_before, "It is so."]]
        return client.predict("Who said so?", turns, api_name="/retrieve")["passages"][0]["text"]

    assert "ferry to Green Island" in closest("When did the ferry to Green Island stop?")
    assert "Lena valley" in closest("Is the harvest late in the Lena valley?")


def test_conditions_hide_what_does_not_meet_them(client):
    def outlets(**where) -> set[str]:
        found = client.predict(HOW_MANY, **where, api_name="/retrieve")["passages"]
        return {passage["source"] for passage in found}

    assert outlets(after="2025-08-01") == {"Valley Post"}
    assert outlets(before="2025-03-04") <= {"Harbour Gazette", "Copy Post"}
    assert outlets(as_of="2025-04-30").isdisjoint({"Valley Post"})
    assert outlets(sources=["El Diario del Sur"]) == outlets(language="es") == {"El Diario del Sur"}
    assert outlets(after="2030-01-01") == set()


def test_as_many_passages_as_asked_for_come_best_first(client):
    passages = client.predict(HOW_MANY, k=2, api_name="/retrieve")["passages"]
    assert [passage["rank"] for passage in passages] == [1, 2]
    assert "1,200 passengers" in passages[0]["text"]


def test_a_shell_asks_in_two_calls_with_named_values(address):
    event = post(f"{address}/gradio_api/call/v2/ask", {"question": HOW_MANY})["event_id"]
    with urllib.request.urlopen(f"{address}/gradio_api/call/v2/ask/{event}", timeout=30) as stream:
        told = stream.read().decode()
    assert told.startswith("event: complete")
    assert "1,200" in json.loads(told.partition("data: ")[2])[0]["text"]


def test_with_a_login_a_program_gives_name_and_password(desk):
    from gradio_client import Client
    from gradio_client.exceptions import AuthenticationError

    with serving(desk, auth="ana:a long secret") as address:
        with pytest.raises(AuthenticationError):
            Client(address, verbose=False, analytics_enabled=False)
        client = Client(address, auth=("ana", "a long secret"), verbose=False, analytics_enabled=False)
        assert "1,200" in client.predict(HOW_MANY, api_name="/ask")["text"]
        with pytest.raises(urllib.error.HTTPError, match="401"):
            post(f"{address}/gradio_api/call/v2/ask", {"question": HOW_MANY})
        basic = {"Authorization": f"Basic {base64.b64encode(b'ana:a long secret').decode()}"}
        assert post(f"{address}/gradio_api/call/v2/ask", {"question": HOW_MANY}, **basic)["event_id"]


# --- limits, and what is no question ---


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"question": "  "}, "Type a question"),
        ({"question": None}, "question cannot be used"),
        ({"question": 5}, "question cannot be used: Input should be a valid string"),
        ({"question": "x" * 2001}, "at most 2000 characters"),
        ({"history": [["Who?", "Ana."]] * 21}, "history cannot be used: List should have at most 20 items"),
        ({"history": [["Who?"]]}, "history[0] cannot be used: Input should be [question, answer]"),
        ({"history": [{"role": "user"}]}, "history[0] cannot be used: Input should be [question, answer]"),
        ({"history": [["Who?", "x" * 10_001]]}, "history[0][1] cannot be used: String should have at most 10000"),
        ({"k": 0}, "k cannot be used: Input should be greater than or equal to 1"),
        ({"k": 51}, "k cannot be used: Input should be less than or equal to 50"),
        ({"k": "many"}, "k cannot be used: Input should be a valid integer"),
        ({"sources": "Copy Post"}, "sources cannot be used: Input should be a valid list"),
        ({"sources": ["Nobody's Post"]}, 'the library has no outlet "Nobody\'s Post"; it has: Copy Post'),
        ({"language": "the Queen's"}, "language cannot be used: Input should be a code of two letters"),
        ({"after": "2025-02-30"}, "2025-02-30"),
        ({"after": "2025-05-01", "before": "2025-04-01"}, "2025-04-01"),
        ({"as_of": "soon"}, "soon"),
    ],
)
def test_what_cannot_be_asked_is_told_in_a_sentence(client, given, sentence):
    for name in ("/ask", "/retrieve"):
        assert sentence in refused(client.predict, **{"question": HOW_MANY, **given}, api_name=name)


def test_half_a_character_is_refused(address):
    event = post(f"{address}/gradio_api/call/v2/ask", {"question": "Who \ud800?"})["event_id"]
    with urllib.request.urlopen(f"{address}/gradio_api/call/v2/ask/{event}", timeout=30) as stream:
        assert "question cannot be used" in stream.read().decode()


def test_a_file_of_the_server_in_place_of_a_question_is_not_read(client):
    file = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}
    assert "root:" not in refused(client.predict, file, api_name="/ask")
    assert "root:" not in refused(client.predict, HOW_MANY, history=[[file, file]], api_name="/ask")


def test_a_bug_reaches_the_client_as_a_sentence_without_its_details(ask, desk, monkeypatch, capfd):
    def broken(*_: object, **__: object) -> Answer:
        raise ZeroDivisionError("in /home/ana/secret.py")

    monkeypatch.setattr(desk.assistant, "answer", broken)
    sentence = refused(ask, HOW_MANY)
    assert "Something went wrong" in sentence and "secret" not in sentence and "Division" not in sentence
    assert "secret.py" in capfd.readouterr().err  # the server's log has it


# --- ingesting ---


def test_articles_sent_as_text_are_added_and_answered_from(client, ask, desk):
    museum = {
        "title": "Quillon opens a museum of chocolate",
        "text": "The chocolate museum of Quillon shows 312 kinds of chocolate, its director Noa Berg said.",
        "source": "Quillon Echo",
        "published": "2025-05-06",
        "url": "javascript:alert(1)",
    }
    report = client.predict([museum, {"text": " "}], api_name="/ingest")
    assert (report["indexed"], report["unchanged"]) == (1, 0)
    assert report["rejected"] == [{"origin": "articles[1]", "reason": "empty"}]
    assert client.predict([museum], api_name="/ingest")["unchanged"] == 1
    citation = ask("How many kinds of chocolate does the museum show?")["citations"][0]
    assert "312" in citation["quote"] and citation["source"] == "Quillon Echo" and citation["url"] == ""
    assert desk.library.article(citation["article_id"]).published.date() == date(2025, 5, 6)


@pytest.mark.parametrize("source", ["/etc/passwd", "file:///etc/passwd", "-", "corpus", "javascript:alert(1)", ""])
def test_nothing_of_the_server_can_be_ingested(client, source):
    sentence = refused(client.predict, addresses=[source], api_name="/ingest")
    assert "addresses[0] cannot be used: Input should be an address that begins with http:// or https://" in sentence


@pytest.mark.parametrize("inside", ["http://127.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://[::1]/"])
def test_no_address_inside_the_network_is_fetched(client, inside):
    report = client.predict(addresses=[inside], api_name="/ingest")
    assert report["indexed"] == 0 and report["rejected"][0]["origin"] == inside


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "there is nothing to add"),
        ({"articles": [{"title": "No text"}]}, "articles[0].text cannot be used: Field required"),
        ({"articles": [{"text": "x", "body": "y"}]}, "articles[0].body cannot be used: Extra inputs are not permitted"),
        ({"articles": [{"text": "x", "published": 5}]}, "articles[0].published cannot be used"),
        ({"articles": ["text"]}, "articles[0] cannot be used"),
        ({"articles": [{"text": "x"}] * 101}, "articles cannot be used: List should have at most 100 items"),
        ({"articles": [{"text": "x" * 200_001}]}, "articles[0].text cannot be used: String should have at most 200000"),
        ({"articles": [{"text": "x" * 190_000}] * 11}, "at most 2,000,000 are taken at once"),
        ({"addresses": ["https://news.example/"] * 21}, "addresses cannot be used: List should have at most 20 items"),
    ],
)
def test_what_cannot_be_ingested_is_told_in_a_sentence(client, given, sentence):
    assert sentence in refused(client.predict, **given, api_name="/ingest")


def test_where_others_use_the_server_nothing_can_be_ingested(client, desk, monkeypatch):
    before = desk.library.status().articles
    monkeypatch.setattr(desk, "private", False)
    assert "others use it too" in refused(client.predict, [{"text": "New."}], api_name="/ingest")
    assert desk.library.status().articles == before


def test_a_library_that_is_being_written_is_told_without_saying_where_it_lies(client, desk):
    with desk.library.writing():
        sentence = refused(client.predict, [{"text": "New."}], api_name="/ingest")
    assert "is writing to the library; try again" in sentence and str(desk.library.path) not in sentence


# --- measuring ---


def test_a_small_test_set_is_measured(client):
    questions = [
        {"question": HOW_MANY, "answers": ["1,200"]},
        {"question": BIBLIOTECA, "answers": ["45.000"], "language": "es"},
        {"question": "Who won the 2018 World Cup?", "answerable": False},
        {"question": "Half a row"},
    ]
    found = client.predict(questions, api_name="/evaluate")
    assert found["counts"] == {
        "questions": 3, "answerable": 2, "unanswerable": 1, "answered": 2, "abstained": 1, "unmeasured": 0,
    }  # fmt: skip
    right, refused_rightly = found["metrics"]["right"], found["metrics"]["refused"]
    assert (right["value"], right["n"]) == (1.0, 2) and right["low"] < 1.0 == right["high"]
    assert (refused_rightly["value"], refused_rightly["n"]) == (1.0, 1)
    assert found["left_out"][0]["origin"] == "questions[3]"
    assert found["latency"]["retrieve"]["p50"] > 0


@pytest.mark.parametrize(
    ("questions", "sentence"),
    [
        ([], "questions cannot be used: List should have at least 1 item"),
        ([{"question": HOW_MANY, "answerable": False}] * 101, "questions cannot be used: List should have at most 100"),
        ([{"query": HOW_MANY}], "questions holds no usable question; line 1:"),
        ("questions.jsonl", "questions cannot be used: Input should be a valid list"),
        ([{"question": "x" * 2_000_000, "answerable": False}], "at most 2,000,000 are taken at once"),
    ],
)
def test_what_is_no_test_set_is_told_in_a_sentence(client, questions, sentence):
    assert sentence in refused(client.predict, questions, api_name="/evaluate")


# --- many at once ---


def test_several_askers_at_once_each_get_their_own_answer(address):
    from gradio_client import Client

    wanted = {HOW_MANY: "1,200", BIBLIOTECA: "45.000", GRAPES: "three weeks late"}
    clients = [Client(address, verbose=False, analytics_enabled=False) for _ in range(3)]
    jobs = [
        (question, each.submit(question, api_name="/ask")) for _ in range(4) for each in clients for question in wanted
    ]
    for question, job in jobs:
        found = job.result(timeout=60)
        assert found["question"] == question and wanted[question] in found["text"]


def test_questions_are_answered_while_articles_come_in(client, ask):
    articles = [
        {"text": f"The town of Number {n} opened bridge {n} on Friday.", "url": f"https://b.example/{n}"}
        for n in range(60)
    ]
    job = client.submit(articles, api_name="/ingest")
    answered = 0
    while not job.done():
        assert "1,200" in ask(HOW_MANY)["text"]
        answered += 1
    assert job.result()["indexed"] == 60 and answered > 0


# --- what comes back of articles ---


def test_an_article_without_a_web_address_has_none(ask):
    citation = ask(GRAPES)["citations"][0]
    assert citation["source"] == "Valley Post" and citation["url"] == ""


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//x.example", "vbscript:x"]
)
def test_only_an_http_address_is_given_as_an_address(url):
    from ui.api_results import answer_text, answer_values

    hostile = Article("Growers are late.", "Late", url=url, source="Valley Post")
    cited = Citation(1, hostile, 0, 17, "Growers are late.", also_in=(hostile,))
    answer = Answer("When?", "Growers are late. [1]", abstained=False, confidence=1.0, citations=(cited,))
    values = answer_values(answer)["citations"][0]
    assert values["url"] == values["also_in"][0]["url"] == ""
    assert url not in answer_text(answer)
