"""The settings page without a browser: what it shows, to whom, and what it refuses."""

from __future__ import annotations

import re
import string

import gradio as gr
import pytest

from ingest.catalog import Mark
from ingest.library import Library
from ui.desk import Desk
from ui.pages.settings import answerer_html, library_html, page, title_html
from ui.strings import texts, words

EN, ES = words("en"), words("es")


@pytest.fixture
def desk(small):
    with Library.open(small) as library:
        yield Desk(library)


@pytest.fixture
def shared(small):
    with Library.open(small) as library:
        yield Desk(library, private=False)


def facts(html: str) -> dict[str, str]:
    """What the list of facts says, without its tags."""
    plain = [
        [re.sub("<[^>]+>", "", part) for part in fact] for fact in re.findall("<dt>(.*?)</dt><dd>(.*?)</dd>", html)
    ]
    return dict(plain)


def test_the_library_is_described(desk, small):
    assert facts(library_html(desk, EN)) == {
        "Folder": str(small),
        "Articles": "12",
        "Passages": str(desk.library.status().passages),
        "Published": "2024-01-01 to 2024-01-12",
        "Outlets": "3",
        "Languages": "en",
        "Rejected inputs": "0",
        "Embedding model": "all-MiniLM-L6-v2",
        "Schema version": desk.library.meta["schema"],
        "Word index": "up to date",
        "Vectors (Chroma)": "up to date",
    }


def test_it_is_described_in_spanish_too(desk):
    told = facts(library_html(desk, ES))
    assert told["Publicados"] == "del 2024-01-01 al 2024-01-12" and told["Índice de palabras"] == "al día"


def test_an_empty_library_is_described(tmp_path):
    with Library.open(tmp_path / "empty", create=True) as library:
        told = facts(library_html(Desk(library), EN))
    assert (told["Articles"], told["Published"], told["Languages"]) == ("0", "no dates known", "–")
    assert "not built yet" in told["Vectors (Chroma)"]


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("behind", "5 of 1,000 passages followed"),
        ("open elsewhere, up to date", "open in another process; this one searches exactly"),
        ("damaged, to be rebuilt", "being rebuilt; answers go on without it"),
        ("missing or damaged", "being rebuilt; answers go on without it"),
        ("on http://chroma.example:8000", "on the Chroma server at http://chroma.example:8000"),
    ],
)
def test_each_state_of_an_index_is_told(desk, monkeypatch, state, told):
    monkeypatch.setattr(desk.library.follower, "status", lambda: [("chroma", state, 5)])
    monkeypatch.setattr(desk.library.catalog, "mark", lambda: Mark(1000, 0))
    assert facts(library_html(desk, EN))["Vectors (Chroma)"] == told


def test_what_the_user_should_know_of_the_indexes_is_told_as_text(desk, monkeypatch):
    monkeypatch.setattr(type(desk.library), "notices", ("the word index failed (<b>\u202etxt</b>)",))
    assert '<p class="dl-notice">the word index failed (&lt;b&gt;txt&lt;/b&gt;)</p>' in library_html(desk, EN)


def test_a_library_that_broke_is_told_in_a_sentence(desk, small):
    desk.library.close()
    (small / "catalog.sqlite").write_bytes(b"broken" * 1000)
    shown = library_html(desk, EN)
    assert '<p class="dl-error">' in shown and "Traceback" not in shown


def test_a_name_is_shown_as_text_that_turns_nothing_round(small, tmp_path):
    folder = tmp_path / "<img src=x>\u202e"
    small.rename(folder)
    with Library.open(folder) as library:
        shown = library_html(Desk(library), EN)
    assert "&lt;img src=x&gt;</bdi>" in shown and "<img" not in shown and "\u202e" not in shown


def test_others_see_the_library_but_no_place_of_the_machine(shared, small, monkeypatch):
    monkeypatch.setattr(shared.library.follower, "status", lambda: [("chroma", "on http://10.0.0.5:8000", 1)])
    monkeypatch.setitem(shared.library.meta, "embedding_model", "/home/ana/models/mine")
    shown = library_html(shared, EN)
    assert facts(shown)["Folder"] == small.name and facts(shown)["Embedding model"] == "mine"
    assert facts(shown)["Vectors (Chroma)"] == "on a Chroma server"
    assert str(small.parent) not in shown and "10.0.0.5" not in shown and "/home/ana" not in shown


def test_others_are_told_why_they_can_change_nothing(desk, shared):
    assert "Others use this server too" in title_html(shared, EN) and "--library" in title_html(shared, EN)
    assert "Others use" not in title_html(desk, EN)


def test_others_get_no_field_that_would_change_something(desk, shared):
    def fields(of: Desk) -> set[str]:
        with gr.Blocks() as blocks:
            page(of)
        return {block.elem_id for block in blocks.blocks.values() if isinstance(block, gr.Textbox | gr.Button)}

    assert fields(shared) == set()
    assert fields(desk) == {
        "settings-folder",
        "settings-open",
        "settings-llm",
        "settings-use-llm",
        "settings-use-reader",
    }


def test_nothing_on_the_page_can_be_called_as_an_endpoint(desk):
    with gr.Blocks() as blocks:
        page(desk)
    assert blocks.get_api_info()["named_endpoints"] == {} and blocks.get_api_info()["unnamed_endpoints"] == {}


def test_before_a_model_is_chosen_the_page_says_what_would_leave_the_machine(desk):
    shown = answerer_html(desk, EN)
    assert "The reader answers, on this machine" in shown and "that text leaves this machine" in shown
    assert "ese texto sale de esta máquina" in answerer_html(desk, ES)


def test_who_asks_a_shared_model_is_told_where_the_text_goes(small):
    from langchain_core.language_models.fake_chat_models import GenericFakeChatModel

    with Library.open(small) as library:
        shown = answerer_html(Desk(library, llm=GenericFakeChatModel(messages=iter(())), private=False), EN)
    assert "GenericFakeChatModel" in shown and "that text leaves this machine" in shown


def test_both_languages_fill_in_the_same_values():
    for key in (key for key in texts()["en"] if key.startswith("settings.")):
        names = [
            {name for _, name, *_ in string.Formatter().parse(texts()[code][key]) if name} for code in ("en", "es")
        ]
        assert names[0] == names[1], key
