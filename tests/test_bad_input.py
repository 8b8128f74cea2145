"""Every kind of broken or hostile input: a clear reason, the rest goes on, memory stays bounded."""

import gzip
import io
import json
import random
import tracemalloc
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.records import Article, Rejected
from ingest.sources import read
from ingest.sources.bounded import MAX_LINE_CHARS, read_lines
from ingest.sources.decode import decode

GOOD = "The ferry pier of Harbourton opened again on Monday."


def rejected(path: Path, content: bytes) -> str:
    """Why the file is rejected; a good file behind it in the folder must still be read."""
    path.write_bytes(content)
    neighbour = path.with_name("zz_good.txt")
    neighbour.write_text(GOOD)
    bad, good = read(str(path.parent))
    assert isinstance(bad, Rejected) and bad.origin.startswith(str(path)), bad
    assert isinstance(good, Article) and good.text == GOOD
    return bad.reason


def peak_megabytes(source: str) -> tuple[list, float]:
    """The items of a source, and how much memory Python took on top for reading them."""
    tracemalloc.start()
    try:
        items = list(read(source))
        return items, tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def sparse(path: Path, head: bytes, size: int) -> str:
    with path.open("wb") as file:
        file.write(head)
        file.truncate(size)
    return str(path)


NAMES = ["a.txt", "a.md", "a.html", "a.pdf", "a.jsonl", "a.csv", "a.parquet", "a.warc", "a.xml"]


@pytest.mark.parametrize("name", [n for n in NAMES if n != "a.jsonl"])
def test_an_empty_file_is_rejected(tmp_path, name):
    assert rejected(tmp_path / name, b"") != ""


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html", "a.csv", "a.xml"])
def test_an_empty_text_is_called_empty(tmp_path, name):
    assert rejected(tmp_path / name, b" \n ") == "empty"


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html", "a.jsonl", "a.csv", "a.xml"])
def test_binary_data_under_a_text_name_is_called_binary(tmp_path, name):
    noise = random.Random(7).randbytes(200_000)
    assert rejected(tmp_path / name, noise) == "looks binary, not text"


@pytest.mark.parametrize("name", NAMES)
@given(data=st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
def test_no_bytes_whatever_raise_out_of_reading(tmp_path, name, data):
    heads = {
        "a.pdf": b"%PDF-1.7\n",
        "a.parquet": b"PAR1",
        "a.warc": b"WARC/1.0\r\n",
        "a.html": b"<html>",
        "a.xml": b"<rss>",
    }
    for content in (data, heads.get(name, b"") + data, b"\xff\xfe" + data):
        (tmp_path / name).write_bytes(content)
        assert all(isinstance(item, Article | Rejected) for item in read(str(tmp_path / name)))


# Sizes


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html", "a.xml"])
def test_a_hundred_megabytes_for_one_article_are_rejected_unread(tmp_path, name):
    path = sparse(tmp_path / name, GOOD.encode(), 100_000_000)
    (item,), megabytes = peak_megabytes(path)
    assert "more than 20 MB" in item.reason
    assert megabytes < 5


@pytest.mark.parametrize("name", ["a.txt.gz", "a.md.gz", "a.html.gz", "a.xml.gz"])
def test_a_gzip_bomb_for_one_article_is_rejected_in_little_memory(tmp_path, name):
    write_bomb(tmp_path / name, 400_000_000)
    (item,), megabytes = peak_megabytes(str(tmp_path / name))
    assert "more than 20 MB" in item.reason
    assert megabytes < 100


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.csv.gz"])
def test_a_gzip_bomb_for_a_table_is_given_up_in_little_memory(tmp_path, name):
    write_bomb(tmp_path / name, 400_000_000)
    items, megabytes = peak_megabytes(str(tmp_path / name))
    assert "gzip bomb" in items[-1].reason
    assert megabytes < 150


def write_bomb(path: Path, size: int) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    with path.open("wb") as file:
        for _ in range(size // 1_000_000):
            file.write(packer.compress(b"a" * 1_000_000))
        file.write(packer.flush())


def test_a_broken_gzip_file_is_said_so(tmp_path):
    whole = gzip.compress(GOOD.encode() * 100)
    assert "gzip data is broken" in rejected(tmp_path / "a.txt.gz", whole[:-20])


def test_a_gzip_name_without_gzip_data_is_said_so(tmp_path):
    assert "gzip data is broken" in rejected(tmp_path / "a.txt.gz", GOOD.encode())


def test_a_table_of_a_hundred_megabytes_streams_in_little_memory(tmp_path):
    line = json.dumps({"text": GOOD * 200}).encode() + b"\n"
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        for _ in range(100_000_000 // len(line)):
            file.write(line)
    tracemalloc.start()
    count = sum(1 for _ in read(str(path)))
    megabytes = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    assert count == 100_000_000 // len(line)
    assert megabytes < 5


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_one_line_without_an_end_is_rejected_and_the_next_line_read(tmp_path, name):
    path = tmp_path / name
    before, after = (b"text\n", GOOD.encode()) if name == "a.csv" else (b"", json.dumps({"text": GOOD}).encode())
    path.write_bytes(before + b"x" * (MAX_LINE_CHARS + 5) + b"\n" + after + b"\n")
    long, good = read(str(path))
    assert "longer than 20 million characters" in long.reason
    assert good.text == GOOD


def test_lines_are_read_whole_up_to_the_limit():
    stream = io.BytesIO(b"four\nfives\nsix\nlast")
    assert list(read_lines(stream, limit=5)) == ["four\n", None, "six\n", "last"]


# Encodings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.csv"])
def test_any_usual_encoding_is_read(tmp_path, name, encoding):
    text = "El alcalde de Málaga prometió “más barcos” en otoño."
    content = {"a.txt": text, "a.jsonl": json.dumps({"text": text}, ensure_ascii=False), "a.csv": f"text\n{text}\n"}[
        name
    ]
    (tmp_path / name).write_bytes(content.encode(encoding))
    (article,) = read(str(tmp_path / name))
    assert article.text == text


def test_a_page_in_the_encoding_it_declares(tmp_path):
    text = "Городской совет решил восстановить старый паромный причал до начала зимних штормов в этом году. " * 3
    page = f'<html><head><meta charset="windows-1251"></head><body><article><p>{text}</p></article></body></html>'
    (tmp_path / "a.html").write_bytes(page.encode("cp1251"))
    (article,) = read(str(tmp_path / "a.html"))
    assert article.text == text.strip()


def test_one_bad_byte_does_not_garble_the_rest():
    good = "El alcalde de Málaga prometió más barcos en otoño"
    assert decode(good.encode() + b"\xff") == good + "\ufffd"


def test_undeclared_foreign_text_is_never_shown_as_western_letters():
    text = "Городской совет решил восстановить старый паромный причал до начала зимних штормов. " * 5
    assert decode(text.encode("cp1251")) == text


# Broken structure


def test_broken_markup_still_gives_its_article(tmp_path):
    body = f"<html><body><article><p>{GOOD}<p>{GOOD} <b>And <i>more</b> came</i> later that week.<div></p></span>{GOOD}"
    (tmp_path / "a.html").write_text(body)
    (article,) = read(str(tmp_path / "a.html"))
    assert article.text.startswith(GOOD) and "And more came later that week." in article.text


def test_markup_nested_a_hundred_thousand_deep_does_no_harm(tmp_path):
    assert rejected(tmp_path / "a.html", b"<html><body>" + b"<div>" * 90_000) == "no article found on the page"


@pytest.mark.parametrize(
    "line", ["[" * 100_000, '{"text": ' * 50_000, '{"text": NaN}', '{"text": 1e999}', "9" * 5000, '{"text": "a']
)
def test_a_broken_or_bottomless_line_of_json_is_rejected_and_the_next_read(tmp_path, line):
    (tmp_path / "a.jsonl").write_text(line + "\n" + json.dumps({"text": GOOD}))
    bad, good = read(str(tmp_path / "a.jsonl"))
    assert isinstance(bad, Rejected) and good.text == GOOD


def test_half_characters_and_zero_characters_do_not_reach_the_library(tmp_path):
    (tmp_path / "a.jsonl").write_text(r'{"text": "a\ud800b\u0000c", "title": "t\udfff"}')
    (article,) = read(str(tmp_path / "a.jsonl"))
    assert (article.text, article.title) == ("a\ufffdbc", "t\ufffd")


def test_a_csv_file_with_an_unclosed_quote_is_bounded_and_said(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b'title,text\nA,fine\nB,"never closed\n' + (b"x" * 9_999 + b"\n") * (MAX_LINE_CHARS // 10_000 + 1))
    fine, *rest = read(str(path))
    assert fine.text == "fine"
    assert any(isinstance(item, Rejected) and "broken CSV" in item.reason for item in rest)


def test_a_csv_file_without_a_text_column_names_the_columns_it_has(tmp_path):
    assert "there are: name, colour" in rejected(tmp_path / "a.csv", b"name,colour\nx,y\n")


@pytest.mark.parametrize("name", ["a.pdf", "a.parquet", "a.warc"])
def test_a_broken_container_is_said_to_be_broken(tmp_path, name):
    kind = {"a.pdf": "broken PDF", "a.parquet": "broken Parquet", "a.warc": "broken web archive"}[name]
    assert kind in rejected(tmp_path / name, b"no such thing at all\n" * 50)


def test_an_encrypted_pdf_and_one_without_text_are_told_apart(tmp_path):
    from pypdf import PdfWriter

    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.write(tmp_path / "a.pdf")
    assert "holds no text" in rejected(tmp_path / "a.pdf", (tmp_path / "a.pdf").read_bytes())
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(tmp_path / "a.pdf")
    assert "encrypted" in rejected(tmp_path / "a.pdf", (tmp_path / "a.pdf").read_bytes())


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    + "]><rss><channel><item><title>&a9;</title></item></channel></rss>"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_feed_with_a_billion_laughs_is_refused_unparsed(tmp_path, encoding):
    (tmp_path / "a.xml").write_bytes(LAUGHS.encode(encoding))
    (item,), megabytes = peak_megabytes(str(tmp_path / "a.xml"))
    assert "declares entities" in item.reason
    assert megabytes < 5


def test_entities_hidden_in_an_odd_encoding_are_not_expanded(tmp_path):
    hidden = '<?xml version="1.0" encoding="utf-7"?>' + LAUGHS.split("?>", 1)[1].replace("<!", "+ADwAIQ-")
    (tmp_path / "a.xml").write_bytes(hidden.encode())
    (item,), megabytes = peak_megabytes(str(tmp_path / "a.xml"))
    assert isinstance(item, Rejected)
    assert megabytes < 5


def test_a_feed_that_names_a_local_file_does_not_show_it(tmp_path):
    (tmp_path / "secret.txt").write_text("hidden words")
    xml = f'<!DOCTYPE r [<!ENTITY x SYSTEM "file://{tmp_path}/secret.txt">]><rss><item><title>&x;</title></item></rss>'
    (tmp_path / "a.xml").write_text(xml)
    (item,) = read(str(tmp_path / "a.xml"))
    assert "declares entities" in item.reason


def test_xml_that_is_no_feed_is_said_so(tmp_path):
    assert rejected(tmp_path / "a.xml", b"<?xml version='1.0'?><note>hello</note>") == "not an RSS or Atom feed"


@pytest.mark.parametrize("year", ["0000", "0001", "1500", "9999"])
def test_an_impossible_year_leaves_an_article_undated(tmp_path, year):
    rows = {"text": GOOD, "published": f"{year}-01-01", "updated": f"{year}-12-31T23:59:59-14:00"}
    (tmp_path / "a.jsonl").write_text(json.dumps(rows))
    (article,) = read(str(tmp_path / "a.jsonl"))
    assert (article.text, article.published, article.updated) == (GOOD, None, None)


def test_an_impossible_year_in_parquet_leaves_an_article_undated(tmp_path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    far = pa.array([2**62, 0], pa.timestamp("us", tz="UTC"))
    pq.write_table(pa.table({"text": [GOOD, GOOD], "date": far}), tmp_path / "a.parquet")
    first, second = read(str(tmp_path / "a.parquet"))
    assert first.published is None and second.published.year == 1970


# Odd things in a folder


def test_what_is_no_ordinary_file_is_rejected_not_waited_for(tmp_path):
    import os

    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "broken.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "z.txt").write_text(GOOD)
    reasons = {Path(i.origin).name: i.reason for i in read(str(tmp_path)) if isinstance(i, Rejected)}
    assert reasons["pipe.txt"] == "not a regular file"
    assert "No such file" in reasons["broken.txt"]
    assert "not followed" in reasons["loop"]


def test_a_web_archive_cut_off_in_a_page_does_not_give_half_the_page(tmp_path):
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    out = io.BytesIO()
    page = f"<html><body><article>{f'<p>{GOOD}</p>' * 50}</article></body></html>".encode()
    head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
    writer = WARCWriter(out, gzip=False)
    record = writer.create_warc_record("https://a.example/1", "response", io.BytesIO(page), http_headers=head)
    writer.write_record(record)
    assert "ends in the middle" in rejected(tmp_path / "a.warc", out.getvalue()[:-500])
