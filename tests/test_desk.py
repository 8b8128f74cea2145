"""The desk: the library and the answerer that all pages share, changed while others ask."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import ModuleType, SimpleNamespace

import httpx
import newsdesk
import pytest
from langchain.chat_models import base as chat_models
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from typer.testing import CliRunner

from ingest.errors import DatelineError, LibraryNotFoundError, SettingsError
from ingest.library import Library
from ingest.pipeline import ingest
from ui import cli
from ui import desk as desk_module
from ui.desk import Desk

QUESTION = "Who opened the tram line number 0?"


class Provider(GenericFakeChatModel):
    """A chat model whose server listens at the port that its name is; "no-key" has none."""

    messages: object = iter(())
    model: str

    def __init__(self, **given):
        if given["model"] == "no-key":
            raise ValueError("The api_key client option must be set, or OLLAMA_API_KEY in the environment")
        super().__init__(**given)

    def _stream(self, messages, *arguments, **more):
        answer = httpx.post(f"http://127.0.0.1:{self.model}", json=[str(message.content) for message in messages])
        if answer.is_error:
            raise ProviderError(answer.status_code, answer.text)
        object.__setattr__(self, "messages", iter([answer.text]))
        yield from super()._stream(messages, *arguments, **more)


class ProviderError(Exception):
    """An error as a provider's own library raises it."""

    def __init__(self, status_code: int, text: str) -> None:
        super().__init__(text)
        self.status_code = status_code


@pytest.fixture
def provider(monkeypatch):
    """The package of a provider, "ollama", installed."""
    package = ModuleType("langchain_ollama")
    package.ChatOllama = Provider
    monkeypatch.setitem(sys.modules, "langchain_ollama", package)
    chat_models._get_chat_model_creator.cache_clear()
    yield
    chat_models._get_chat_model_creator.cache_clear()


@pytest.fixture
def server():
    """A provider's server: what it was asked, and the status, text and delay with which it answers."""
    state = SimpleNamespace(asked=[], status=200, text="At noon [1].", delay=0.0)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            state.asked.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            time.sleep(state.delay)
            self.send_response(state.status)
            self.end_headers()
            self.wfile.write(state.text.encode())

        def log_message(self, *arguments):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as listening:
        state.llm = f"ollama:{listening.server_port}"
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield state
        listening.shutdown()


@pytest.fixture
def desk(small):
    with Library.open(small) as library:
        desk = Desk(library)
        yield desk
        desk.close()


@pytest.fixture
def other(small, tmp_path):
    """The folder of another library, of one more article."""
    folder = shutil.copytree(small, tmp_path / "other")
    with Library.open(folder) as library:
        ingest(library, [newsdesk.write_source(tmp_path / "more.jsonl", [newsdesk.article(50)])])
    return folder


# --- another library ---


def test_another_library_is_asked_from_now_on(desk, other):
    desk.open(other)
    assert desk.library.path == other and desk.library.status().articles == 13
    assert desk.assistant.library is desk.library
    assert desk.assistant.answer("Who opened the fish market number 50?").citations[0].article.url.endswith("/50")


def test_a_folder_without_a_library_changes_nothing(desk, tmp_path):
    before = desk.library
    with pytest.raises(LibraryNotFoundError, match="there is no library at"):
        desk.open(tmp_path / "nothing")
    assert desk.library is before and desk.assistant.answer(QUESTION).citations


def test_a_library_whose_model_cannot_be_loaded_changes_nothing(desk, other, monkeypatch):
    before = desk.library

    def fail(self, text):
        raise SettingsError("the embedding model cannot be loaded")

    monkeypatch.setattr("ingest.embed.PassageEmbeddings.encode_query", fail)
    with pytest.raises(SettingsError, match="cannot be loaded"):
        desk.open(other)
    assert desk.library is before


def test_going_back_opens_nothing_twice(desk, other):
    given = desk.library
    desk.open(other)
    again = desk.library
    desk.open(str(other) + "/.")
    assert desk.library is again
    desk.open(given.path)
    assert desk.library is given and desk.assistant.answer(QUESTION).citations


def test_a_library_is_closed_when_the_last_one_who_asks_it_lets_it_go(desk, other):
    given = desk.library.path
    desk.open(other)
    newsdesk.wait_until(lambda: newsdesk.chroma_is_ready(desk.library))
    asking = desk.assistant
    desk.open(given)
    assert asking.answer(QUESTION).citations
    with Library.open(other, follow=True) as mine:
        time.sleep(0.7)
        assert not newsdesk.chroma_is_ready(mine), "somebody still asks, so Chroma is still open there"
        del asking
        newsdesk.wait_until(lambda: newsdesk.chroma_is_ready(mine), 20)


def test_closing_closes_what_it_opened_and_leaves_what_it_was_given(desk, other):
    given = desk.library
    desk.open(other)
    newsdesk.wait_until(lambda: newsdesk.chroma_is_ready(desk.library))
    desk.close()
    with Library.open(other, follow=True) as mine:
        newsdesk.wait_until(lambda: newsdesk.chroma_is_ready(mine), 20)
    assert given.article(newsdesk.article(0).url)


def test_asking_goes_on_while_libraries_are_changed(desk, other):
    folders, wrong, stop = [desk.library.path, other], list[str](), threading.Event()

    def ask() -> None:
        while not stop.is_set():
            try:
                assistant = desk.assistant
                for citation in assistant.answer(QUESTION).citations:
                    if assistant.library.article(citation.article.article_id) != citation.article:
                        wrong.append("another library's article")
            except Exception as error:
                wrong.append(repr(error))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for turn in range(6):
        desk.open(folders[(turn + 1) % 2])
    stop.set()
    for thread in threads:
        thread.join(30)
    assert wrong == []


@pytest.mark.parametrize("named", ["on the command line", "in the environment"])
def test_another_library_keeps_its_vectors_on_the_same_chroma_server(small, other, monkeypatch, named):
    address, told = "http://127.0.0.1:9", []  # where nothing listens

    def served(desk, options, on_ready):
        desk.open(other)
        told.extend(index.state for index in desk.library.status().indexes)

    monkeypatch.setattr("ui.server.serve", served)
    if named == "in the environment":
        monkeypatch.setenv("DATELINE_CHROMA", address)
    option = ["--chroma", address] if named == "on the command line" else []
    done = CliRunner().invoke(cli.app, ["chat", "--library", str(small), *option])
    assert done.exit_code == 0 and f"on {address}" in told


# --- another answerer ---


def test_a_model_that_answers_a_ping_answers_from_now_on(desk, provider, server):
    desk.answer_with(server.llm)
    assert desk.llm == server.llm
    server.text = "Mayor Ames [1]."
    assert desk.assistant.answer(QUESTION).text == "Mayor Ames [1]."


def test_a_ping_sends_nothing_of_any_article(desk, provider, server):
    desk.answer_with(server.llm)
    assert len(server.asked) == 1 and "The ferry sails at noon." in server.asked[0]
    assert not any(town in server.asked[0] for town in newsdesk.TOWNS)


def test_the_reader_can_be_had_back(desk, provider, server):
    desk.answer_with(server.llm)
    desk.answer_with(" ")
    assert desk.llm == "" and desk.assistant.answerer.name == "reader"


def test_the_answerer_stays_when_the_library_changes(desk, other, provider, server):
    desk.answer_with(server.llm)
    desk.open(other)
    assert desk.llm == server.llm and desk.library.path == other and len(server.asked) == 1


@pytest.mark.parametrize("name", ["llama3.2", "ollama:", ":llama3.2", "ollama"])
def test_a_model_without_a_provider_is_refused(desk, name):
    with pytest.raises(SettingsError, match="not provider:model; name both, such as ollama:llama3.2"):
        desk.answer_with(name)


def test_a_package_that_is_missing_is_named(desk):
    with pytest.raises(SettingsError, match="openai:gpt-4o needs the package langchain-openai; install it"):
        desk.answer_with("openai:gpt-4o")


def test_a_provider_that_nobody_knows_is_told(desk):
    with pytest.raises(SettingsError, match="names no provider that LangChain knows"):
        desk.answer_with("nonsense:model")


def test_a_key_that_is_missing_is_named(desk, provider):
    with pytest.raises(SettingsError, match="no-key has no key; set OLLAMA_API_KEY in the environment"):
        desk.answer_with("ollama:no-key")


def test_a_server_that_is_down_is_told(desk, provider):
    with pytest.raises(SettingsError, match="ollama:1 cannot be reached; start its server"):
        desk.answer_with("ollama:1")


@pytest.mark.parametrize(
    ("status", "told"),
    [(401, "was refused by its provider; see that its key is right"), (500, r"does not answer \(overloaded <b>\)")],
)
def test_a_server_that_refuses_is_told(desk, provider, server, status, told):
    server.status, server.text = status, "overloaded <b>"
    with pytest.raises(SettingsError, match=told):
        desk.answer_with(server.llm)
    assert desk.llm == "" and desk.assistant.answer(QUESTION).citations


def test_a_server_that_never_answers_is_given_up(desk, provider, server, monkeypatch):
    monkeypatch.setattr(desk_module, "PING_SECONDS", 0.2)
    server.delay = 1.5
    before = time.monotonic()
    with pytest.raises(SettingsError, match=r"did not answer within 0.2 seconds"):
        desk.answer_with(server.llm)
    assert time.monotonic() - before < 1 and desk.llm == ""


# --- for whom, and how soon ---


def test_where_others_come_in_nothing_can_be_changed(small, other):
    with Library.open(small) as library:
        shared = Desk(library, private=False)
        for change in (lambda: shared.open(other), lambda: shared.answer_with("ollama:llama3.2")):
            with pytest.raises(DatelineError, match="others use this server too"):
                change()
        assert shared.library is library and shared.llm == ""


def test_warming_loads_both_models_before_anybody_asks(small):
    code = f"""
import sys
from ingest.library import Library
from ui.desk import Desk
with Library.open({str(small)!r}) as library:
    desk = Desk(library)
    assert "onnxruntime" not in sys.modules, "loaded at once"
    desk.warm()
    desk.close()
    assert "onnxruntime" in sys.modules, "the reader was not loaded"
    assert "_few" in vars(library.embeddings), "the embedding model was not loaded"
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_warming_asks_an_llm_nothing(small, provider, server):
    with Library.open(small) as library:
        desk = Desk(library, llm=server.llm)
        desk.warm()
        desk.close()
    assert server.asked == []


def test_warming_that_fails_is_no_error(tmp_path, caplog):
    with Library.open(tmp_path / "empty", create=True) as library:
        library.shelf.refresh = lambda: 1 / 0
        desk = Desk(library)
        desk.warm()
        desk.close()
    assert "loading the models in the background failed" in caplog.text
