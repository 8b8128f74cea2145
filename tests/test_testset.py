"""Test sets in every format: what becomes of a row, of a bad one, and how the format is told."""

import csv
import gzip
import hashlib
import io
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.errors import SettingsError, SourceError
from qa.evaluation.formats.rgb import Mix
from qa.evaluation.records import Support
from qa.evaluation.testset import load

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not here")

FERRY = {
    "id": "q1",
    "question": "How many passengers were stranded?",
    "answers": ["1,200 passengers", "1200"],
    "kind": "number",
    "article": "https://news.example/ferry",
    "quote": "About 1,200 passengers were stranded.",
}


def write(path, *rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def native(tmp_path):
    return lambda *rows: write(tmp_path / "questions.jsonl", *rows)


def only(testset):
    assert testset.dropped == ()
    (gold,) = testset.golds
    return gold


# Native


def test_a_native_row_is_read_field_by_field(native):
    row = {
        **FERRY,
        "as_of": "2025-03-04",
        "history": [["What stopped?", "The ferry."]],
        "language": "en",
        "tags": {"topic": "storms"},
        "group": "week 10",
    }
    gold = only(load(native(row)))
    assert (gold.id, gold.question, gold.answers) == ("q1", FERRY["question"], ("1,200 passengers", "1200"))
    assert gold.answerable and gold.line == 1 and gold.normaliser == "squad"
    assert gold.supports == (Support(FERRY["article"], FERRY["quote"]),)
    assert gold.as_of == date(2025, 3, 4) and gold.history == (("What stopped?", "The ferry."),)
    assert gold.tags == {"kind": "number", "language": "en", "topic": "storms"} and gold.group == "week 10"


def test_the_sample_test_set_is_read_whole():
    path = ROOT / "corpus" / "testset.jsonl"
    testset = load(path, strict=True)
    assert testset.format == "jsonl"
    assert len(testset.golds) == len(path.read_text(encoding="utf-8").splitlines())
    assert testset.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert all(gold.supports for gold in testset.golds if gold.answerable)


def test_gold_may_be_named_in_other_ways(native):
    row = {
        "question": "Who?",
        "answer": "Ana Ruiz",
        "gold_articles": ["https://news.example/a"],
        "gold_passages": ["Ana Ruiz said so.", {"article": "b.html", "text": "She did."}],
    }
    gold = only(load(native(row)))
    assert gold.id == "1" and gold.answers == ("Ana Ruiz",)
    assert set(gold.supports) == {
        Support("https://news.example/a"),
        Support(quote="Ana Ruiz said so."),
        Support("b.html", "She did."),
    }


def test_the_answer_of_a_multiple_choice_question_is_its_right_choice(native):
    gold = only(load(native({"question": "Where?", "choices": ["Rome", "Oslo"], "answer_index": 1})))
    assert gold.choice == 1 and gold.answers == ("Oslo",) and gold.choices == ("Rome", "Oslo")
    told = only(load(native({"question": "Where?", "choices": ["Rome", "Oslo"], "answers": ["Oslo"]})))
    assert told.choice == 1


def test_a_question_without_answers_is_unanswerable_but_one_with_a_gold_article_is_not(native):
    testset = load(
        native(
            {"id": "none", "question": "Who?", "answers": []},
            {"id": "told", "question": "Who?", "answerable": False, "article": "https://news.example/near"},
            {"id": "retrieval", "question": "Who?", "gold_articles": ["https://news.example/a"]},
        )
    )
    assert [gold.answerable for gold in testset.golds] == [False, False, True]
    assert testset.golds[1].supports == ()


def test_documents_may_come_with_a_native_question(native):
    gold = only(
        load(native({**FERRY, "documents": ["A text.", {"text": "B.", "title": "T", "url": "https://b.example"}]}))
    )
    assert [document.text for document in gold.documents] == ["A text.", "B."]
    assert gold.documents[1].url == "https://b.example"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"question": "Who?"}, "neither answers nor gold articles"),
        ({"answers": ["x"]}, "'question' is missing"),
        ({"question": 3, "answers": ["x"]}, "'question' is not text"),
        ({"question": "Who?", "answers": [3]}, "'answers' is not a list of texts"),
        ({"question": "Who?", "answers": ["x"], "answerable": False}, "'answerable' is false"),
        ({"question": "Who?", "answers": [], "answerable": True}, "'answerable' is true"),
        ({"question": "Who?", "answers": ["x"], "answerable": "perhaps"}, "neither true nor false"),
        ({"question": "Who?", "choices": ["a", "b"], "answer_index": 2}, "names none of the 2 choices"),
        ({"question": "Who?", "answers": ["x"], "as_of": "yesterday"}, "'as_of' is not a date"),
        ({"question": "Who?", "answers": ["x"], "history": ["no"]}, "'history' is not a list"),
        ({"question": "Who?", "answers": ["x"], "tags": "no"}, "'tags' is not an object"),
        ({"question": "Who?", "answers": ["x"], "documents": [3]}, "a document is neither text"),
        (["no object"], "not a JSON object"),
    ],
)
def test_a_bad_row_is_listed_with_its_line_and_reason(native, row, reason):
    testset = load(native(FERRY, row))
    assert [gold.id for gold in testset.golds] == ["q1"]
    ((line, told),) = testset.dropped
    assert line == 2 and reason in told


def test_strict_stops_at_the_first_bad_row(native):
    path = native(FERRY, {"question": "Who?"})
    with pytest.raises(SourceError, match=r"questions\.jsonl, line 2: .*neither answers"):
        load(path, strict=True)


def test_broken_lines_are_listed_and_empty_ones_passed_over(tmp_path):
    path = tmp_path / "questions.jsonl"
    path.write_bytes(
        b"\xef\xbb\xbf{not json}\n\n"
        + json.dumps(FERRY).encode()
        + b'\r\n{"question": "Qui\xe9n?", "answers": ["x"]}\n'
    )
    testset = load(path)
    assert [gold.line for gold in testset.golds] == [3]
    assert [line for line, _ in testset.dropped] == [1, 4]
    assert "not JSON" in testset.dropped[0][1] and "not UTF-8" in testset.dropped[1][1]


def test_a_repeated_row_counts_once_and_an_id_names_one_question(native):
    testset = load(native(FERRY, FERRY, {**FERRY, "question": "Another?"}))
    assert len(testset.golds) == 1
    assert testset.dropped[0] == (2, "it repeats line 1")
    assert testset.dropped[1][0] == 3 and "'q1' names another question already, on line 1" in testset.dropped[1][1]


def test_a_list_of_questions_in_one_json_file_is_native_too(tmp_path):
    path = tmp_path / "questions.json"
    path.write_text(json.dumps([FERRY], indent=1), encoding="utf-8")
    assert only(load(path)).id == "q1"


# CSV


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_holds_the_same_questions(tmp_path, native, delimiter):
    cells = {**FERRY, "answers": "|".join(FERRY["answers"]), "as_of": "2025-03-04", "tags.topic": "storms"}
    out = io.StringIO()
    writer = csv.DictWriter(out, list(cells), delimiter=delimiter)
    writer.writeheader()
    writer.writerow(cells)
    path = tmp_path / "questions.csv"
    path.write_text(out.getvalue(), encoding="utf-8-sig")
    testset = load(path)
    assert testset.format == "csv"
    expected = only(load(native({**FERRY, "as_of": "2025-03-04", "tags": {"topic": "storms"}})))
    assert only(testset) == expected.__class__(**{**fields(expected), "line": 2})


def fields(gold):
    return {name: getattr(gold, name) for name in gold.__slots__}


def test_a_bad_row_of_a_table_is_listed_with_the_line_it_starts_on(tmp_path):
    path = tmp_path / "questions.csv"
    path.write_text(
        'id,question,answers,answerable\na,"Two\nlines?",x,\nb,Nothing?,,\nc,Who?,,no\nd,Who?,x,y,z,too many\n',
        encoding="utf-8",
    )
    testset = load(path)
    assert [(gold.id, gold.line, gold.answerable) for gold in testset.golds] == [("a", 2, True), ("c", 5, False)]
    assert [line for line, _ in testset.dropped] == [4, 6]
    assert "neither answers" in testset.dropped[0][1] and "more cells" in testset.dropped[1][1]


# SQuAD

CONTEXT = "The ferry stopped on Monday. About 1,200 passengers were stranded, Ana Ruiz said."
SQUAD = {
    "version": "v2.0",
    "data": [
        {
            "title": "Ferry_halted",
            "paragraphs": [
                {
                    "context": CONTEXT,
                    "qas": [
                        {
                            "id": "s1",
                            "question": "How many?",
                            "answers": [
                                {"text": "1,200", "answer_start": CONTEXT.index("1,200")},
                                {"text": "About 1,200", "answer_start": CONTEXT.index("About")},
                                {"text": "1,200", "answer_start": CONTEXT.index("1,200")},
                            ],
                        },
                        {"id": "s2", "question": "Who sank?", "answers": [], "is_impossible": True},
                        {"id": "s3", "question": "Nothing?", "answers": []},
                    ],
                }
            ],
        }
    ],
}


@pytest.mark.parametrize("packed", [False, True])
def test_squad_paragraphs_are_documents_and_answers_rest_on_their_sentence(tmp_path, packed):
    content = json.dumps(SQUAD).encode()
    path = tmp_path / ("squad.json.gz" if packed else "squad.json")
    path.write_bytes(gzip.compress(content) if packed else content)
    testset = load(path)
    assert testset.format == "squad"
    (document,) = testset.documents
    assert document.text == CONTEXT and document.title == "Ferry halted"
    first, second = testset.golds
    assert first.answers == ("1,200", "About 1,200") and first.group == "Ferry halted"
    quote = "About 1,200 passengers were stranded, Ana Ruiz said."
    assert first.supports == (Support(document.article_id, quote),)
    assert not second.answerable and second.answers == ()
    assert testset.dropped == ((3, "it has no answers, and is not marked as impossible"),)


@needs_shared
@pytest.mark.parametrize(("name", "language"), [("xquad.en", "en"), ("xquad.es", "es")])
def test_xquad_is_read_whole_in_its_language(name, language):
    testset = load(SHARED / "span_qa" / f"{name}.json.gz", strict=True)
    assert len(testset.golds) == 1190 and len(testset.documents) == 240
    assert {gold.language for gold in testset.golds} == {language}
    texts = {document.article_id: document.text for document in testset.documents}
    assert all(support.quote in texts[support.article] for gold in testset.golds for support in gold.supports)


# RealTime QA

QUIZ = {
    "question_id": "20220617_0",
    "question_date": "2022/06/17",
    "question_source": "CNN",
    "question_url": "https://quiz.example/",
    "question_sentence": "Which show goes on?",
    "choices": ["“Ferry”", "“Pier”", "“Storm”"],
    "answer": ["1"],
    "evidence": "The maker said so.",
}


def test_a_quiz_of_realtime_qa_is_read_with_its_week_as_the_group(tmp_path):
    path = write(tmp_path / "20220617_qa.jsonl", QUIZ)
    testset = load(path)
    gold = only(testset)
    assert testset.format == "realtimeqa" and gold.normaliser == "realtimeqa"
    assert (gold.answers, gold.choice, gold.group) == (("“Pier”",), 1, "20220617")
    assert gold.as_of == date(2022, 6, 17) and gold.tags == {"source": "CNN", "year": "2022"}
    assert gold.supports == () and testset.documents == ()


def test_several_right_choices_are_parts_of_one_answer(tmp_path):
    gold = only(load(write(tmp_path / "a_qa.jsonl", {**QUIZ, "answer": ["0", "2"]})))
    assert gold.answers == ("“Ferry”; “Storm”",) and gold.choice is None


def test_a_semicolon_within_an_answer_separates_nothing(tmp_path):
    gold = only(load(write(tmp_path / "a_qa.jsonl", {**QUIZ, "choices": ["a; b", "c; d"]})))
    assert gold.answers == ("c, d",)


def test_what_the_quiz_search_found_comes_along(tmp_path):
    found = {"url": "https://news.example/pier", "title": "Pier", "text": "It goes on.", "publish_date": "2022/06/12"}
    write(
        tmp_path / "20220617_gcs.jsonl",
        {"question_id": "20220617_0", "search_result": [found, {"url": "https://x.example"}]},
    )
    evidence = {**QUIZ, "evidence": "https://news.example/pier"}
    testset = load(write(tmp_path / "20220617_qa.jsonl", evidence))
    (document,) = testset.documents
    assert document.url == "https://news.example/pier" and document.published.date() == date(2022, 6, 12)
    assert only(testset).supports == (Support("https://news.example/pier"),)


def test_a_folder_of_quizzes_is_one_test_set(tmp_path):
    write(tmp_path / "20220617_qa.jsonl", QUIZ, {**QUIZ, "question_id": "20220617_1", "answer": ["3"]})
    write(tmp_path / "20220624_qa.jsonl", {**QUIZ, "question_id": "20220624_0"})
    write(tmp_path / "20220624_qa_nota.jsonl", {**QUIZ, "question_id": "20220624_9"})
    testset = load(tmp_path)
    assert [gold.group for gold in testset.golds] == ["20220617", "20220624"]
    ((line, reason),) = testset.dropped
    assert line == 2 and reason.startswith("20220617_qa.jsonl: ") and "names none of the 3 choices" in reason


@needs_shared
def test_a_year_of_quizzes_is_read_whole_and_each_question_once():
    testset = load(SHARED / "realtimeqa" / "questions-2022.jsonl")
    assert testset.format == "realtimeqa" and len(testset.golds) == 810
    assert len({gold.group for gold in testset.golds}) == 29
    assert all("repeats line" in reason for _, reason in testset.dropped)
    assert all(gold.choices[gold.choice].replace(";", ",") == gold.answers[0] for gold in testset.golds)


# MultiHop-RAG


def test_multihop_questions_rest_on_every_fact_and_null_queries_are_unanswerable(tmp_path):
    evidence = [
        {"title": "A", "url": "https://news.example/a", "fact": "The ferry stopped."},
        {"title": "B", "url": "https://news.example/b", "fact": "The pier closed."},
    ]
    rows = [
        {
            "query": "What stopped and closed?",
            "answer": "Yes",
            "question_type": "comparison_query",
            "evidence_list": evidence,
        },
        {"query": "Who?", "answer": "Insufficient information.", "question_type": "null_query", "evidence_list": []},
        {"answer": "Nobody", "question_type": "inference_query", "evidence_list": []},
    ]
    corpus = [
        {"title": "A", "author": "Ana", "source": "Wire", "url": "https://news.example/a", 
         "body": "The ferry stopped.\n\nYes.", "published_at": "2023-10-01T14:00:29+00:00", "category": "news"},
        {"title": "", "body": ""},
    ]  # fmt: skip
    path = tmp_path / "MultiHopRAG.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    (tmp_path / "corpus.json").write_text(json.dumps(corpus), encoding="utf-8")
    testset = load(path)
    assert testset.format == "multihop-rag"
    first, null = testset.golds
    assert first.answers == ("Yes",) and first.tags == {"kind": "comparison_query"}
    assert first.supports == (
        Support("https://news.example/a", "The ferry stopped."),
        Support("https://news.example/b", "The pier closed."),
    )
    assert not null.answerable and null.answers == ()
    (document,) = testset.documents
    assert (
        document.text == "The ferry stopped.\n\nYes." and document.published.hour == 14 and document.authors == ("Ana",)
    )
    assert testset.dropped == ((3, "'query' is missing"), (2, "corpus.json: the document holds no text"))


# RGB

RGB = {
    "id": 7,
    "query": "Where was it?",
    "answer": "Tampa",
    "positive": [f"It was in Tampa, says {n}." for n in range(6)],
    "negative": [f"Of other things, {n}." for n in range(8)],
}
FACT = {**RGB, "fakeanswer": "Oslo", "positive_wrong": [f"It was in Oslo, says {n}." for n in range(6)]}


def documents(gold):
    return [document.text for document in gold.documents]


@pytest.mark.parametrize(("noise", "helpful"), [(0, 5), (0.2, 4), (0.4, 3), (0.8, 1)])
def test_rgb_mixes_noise_among_the_documents(tmp_path, noise, helpful):
    path = write(tmp_path / "en.json", RGB)
    testset = load(path, f"rgb:noise={noise}")
    gold = only(testset)
    assert testset.format == f"rgb:noise={noise:g}" and gold.answerable
    assert len(documents(gold)) == 5 and sum("Tampa" in text for text in documents(gold)) == helpful
    assert len(gold.supports) == helpful and all("Tampa" in support.quote for support in gold.supports)


def test_rgb_is_guessed_and_mixed_the_same_way_every_time(tmp_path):
    path = write(tmp_path / "en.json", RGB)
    first, again = load(path), load(path)
    assert first == again and first.format == "rgb:noise=0.4"
    others = [documents(only(load(path, mix=Mix(seed=seed)))) for seed in range(1, 5)]
    assert all(sorted(other) == sorted(documents(only(first))) for other in others)
    assert any(other != documents(only(first)) for other in others)


def test_rgb_rejection_gives_no_document_with_the_answer(tmp_path):
    gold = only(load(write(tmp_path / "en.json", RGB), "rgb:rejection"))
    assert not gold.answerable and gold.answers == () and gold.supports == ()
    assert len(gold.documents) == 5 and not any("Tampa" in text for text in documents(gold))


def test_rgb_counterfactual_gives_falsified_documents_and_tells_the_answers_apart(tmp_path):
    gold = only(load(write(tmp_path / "en_fact.json", FACT), "rgb:counterfactual"))
    assert gold.answers == ("Tampa",) and gold.choices == ("Tampa", "Oslo") and gold.choice == 0
    assert any("Oslo" in text for text in documents(gold)) and not any("Tampa" in text for text in documents(gold))


def test_rgb_needs_all_parts_of_an_answer_each_in_any_wording(tmp_path):
    row = {**RGB, "answer": [["Jan 2", "2 January"], ["Rome"]], "positive": [["a1", "a2"], ["b1", "b2"]]}
    gold = only(load(write(tmp_path / "en_int.json", row), "rgb:noise=0.6"))
    assert gold.answers == ("Jan 2; Rome", "2 January; Rome")
    assert {"a1", "b1"} < set(documents(gold)) and "a2" not in documents(gold)


def test_rgb_without_the_documents_of_a_mode_is_a_bad_row(tmp_path):
    testset = load(write(tmp_path / "en.json", RGB), "rgb:counterfactual")
    assert testset.golds == () and "no documents for the mode 'counterfactual'" in testset.dropped[0][1]


@pytest.mark.parametrize("wrong", ["rgb:loud", "rgb:noise=much", "rgb:noise=2"])
def test_an_rgb_mix_that_does_not_exist_is_refused(tmp_path, wrong):
    with pytest.raises(SettingsError, match="RGB"):
        load(write(tmp_path / "en.json", RGB), wrong)


# BEIR


def test_a_beir_folder_measures_retrieval_alone(tmp_path):
    write(
        tmp_path / "corpus.jsonl",
        {"_id": "d1", "title": "Ferry", "text": "It stopped.", "metadata": {"url": "https://news.example/ferry"}},
        {"_id": "d2", "title": "Only a title", "text": ""},
        {"title": "no id", "text": "x"},
    )
    write(tmp_path / "queries.jsonl", {"_id": "a", "text": "What stopped?"}, {"_id": "b", "text": "Not judged?"})
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\na\td1\t2\na\td2\t0\na\td9\t1\nbroken\n", encoding="utf-8"
    )
    testset = load(tmp_path)
    assert testset.format == "beir"
    (gold,) = testset.golds
    assert gold.answerable and gold.answers == () and gold.id == "a"
    assert gold.supports == (Support(testset.documents[0].article_id),)
    assert [document.text for document in testset.documents] == ["It stopped.", "Only a title"]
    assert [(line, reason.partition(":")[0]) for line, reason in testset.dropped] == [
        (3, "corpus.jsonl"),
        (4, "test.tsv"),
        (5, "test.tsv"),
    ]


# Whatever comes


def test_the_given_format_overrides_the_guess(native):
    assert load(native(FERRY), "realtimeqa").golds == ()
    with pytest.raises(SettingsError, match="no test set format 'xml'; give one of jsonl, csv"):
        load(native(FERRY), "xml")


@pytest.mark.parametrize("content", [b"", b"hello", b"3", b"[]", b'{"no": "questions"}', b"\x00\x01\x02\xff" * 50])
def test_what_holds_no_questions_is_told(tmp_path, content):
    path = tmp_path / "questions.json"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"questions\.json"):
        load(path)


def test_what_cannot_be_read_is_told(tmp_path):
    with pytest.raises(SourceError, match="missing"):
        load(tmp_path / "missing.jsonl")
    (tmp_path / "broken.json.gz").write_bytes(b"no gzip")
    with pytest.raises(SourceError, match=r"broken\.json\.gz"):
        load(tmp_path / "broken.json.gz")
    with pytest.raises(SourceError, match="folder"):
        load(tmp_path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = """id question answers answer answerable choices answer_index as_of tags quotes article quote history documents
question_sentence question_id date evidence query positive negative evidence_list question_type data _id text""".split()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(
    st.lists(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=6), max_size=3),
    st.sampled_from(["jsonl", "realtimeqa", "rgb", "rgb:rejection", "multihop-rag"]),
)
def test_every_row_becomes_a_question_or_is_listed(tmp_path, rows, name):
    path = tmp_path / "rows.json"
    whole = name == "multihop-rag"
    path.write_text(json.dumps(rows) if whole else "\n".join(map(json.dumps, rows)), encoding="utf-8")
    testset = load(path, name)
    assert len(testset.golds) + len(testset.dropped) == len(rows)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_a_file_holds_it_is_read_or_refused(tmp_path, content):
    path = tmp_path / "questions.json"
    path.write_bytes(content)
    for name in (None, "jsonl", "csv", "squad", "realtimeqa", "multihop-rag", "rgb"):
        try:
            load(path, name)
        except SourceError as error:
            assert "questions.json" in str(error)
