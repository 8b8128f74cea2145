"""What each way in makes of its input."""

import csv
import gzip
import io
import json
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.errors import SettingsError, SourceError
from ingest.records import Article, Rejected
from ingest.sources import read
from ingest.sources.dates import parse_date
from ingest.sources.fields import split_authors
from ingest.sources.pdf import join_lines
from ingest.sources.urls import canonical_url, is_same_site, source_from_url

STORY = [
    "The council of Harbourton voted on Tuesday to rebuild the old ferry pier before the winter storms arrive.",
    "Work is to start in April and will cost 4.2 million dollars, the mayor said after the meeting.",
    "Fishermen had asked for the repair for nine years, and some of them cheered in the public gallery.",
]
LD = {
    "@graph": [
        {"@type": "WebSite", "name": "Harbour Post"},
        {
            "@type": "NewsArticle",
            "headline": "Harbourton will rebuild its pier &amp; ferry",
            "datePublished": "2024-03-05T09:30:00-05:00",
            "dateModified": "2024-03-06T10:00:00Z",
            "author": [{"@type": "Person", "name": "Ann Lee"}, {"@type": "Person", "name": "Bo Chen"}],
        },
    ]
}
PAGE = f"""<!doctype html><html lang="en-US"><head><title>Harbourton will rebuild its pier - Harbour Post</title>
<meta property="og:site_name" content="Harbour Post"><meta property="og:type" content="article">
<link rel="canonical" href="https://www.harbourpost.example/pier?utm_source=front">
<script type="application/ld+json">{json.dumps(LD)}</script></head><body>
<nav><a href="/">Home</a> <a href="/world">World</a></nav><article><h1>Harbourton will rebuild its pier</h1>
{"".join(f"<p>{sentence}</p>" for sentence in STORY)}</article><footer>All rights reserved</footer></body></html>"""


def write(path: Path, content: str | bytes) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def only(source: str, **options) -> Article:
    (item,) = read(source, **options)
    assert isinstance(item, Article), item
    return item


# Files and folders


def test_a_plain_text_file_is_one_article_as_it_stands(tmp_path):
    path = write(tmp_path / "pier.txt", "Menu\n\nHarbourton rebuilds.\n")
    assert only(path) == Article(text="Menu\n\nHarbourton rebuilds.\n", origin=path)


def test_front_matter_gives_the_metadata_and_may_hold_colons(tmp_path):
    head = (
        '---\ntitle: Harbourton: the pier returns\ndate: 2024-03-05\nauthors:\n  - Ann Lee\n  - "Bo Chen"\n'
        "outlet: Harbour Post\nlang: en\nlink: https://harbourpost.example/pier#top\ntags: [sea, town]\n---\n"
    )
    article = only(write(tmp_path / "pier.md", head + "\n# Harbourton: the pier returns\n\nA **bold** plan.\n"))
    assert article.title == "Harbourton: the pier returns"
    assert article.text == "A bold plan."
    assert article.published == datetime(2024, 3, 5, tzinfo=UTC)
    assert article.authors == ("Ann Lee", "Bo Chen")
    assert (article.source, article.language) == ("Harbour Post", "en")
    assert article.url == "https://harbourpost.example/pier"


def test_the_first_heading_of_markdown_is_its_title_and_links_become_their_words(tmp_path):
    article = only(write(tmp_path / "a.md", "# The *pier*\n\nThe [mayor](http://x.example) spoke.\n\n> Quoted.\n"))
    assert (article.title, article.text) == ("The pier", "The mayor spoke.\n\nQuoted.")


def test_a_folder_is_read_in_order_of_names_with_its_folders_but_without_hidden_files(tmp_path):
    for name in ("b.txt", "a.txt", ".hidden.txt", "sub/c.txt", ".git/d.txt"):
        write(tmp_path / name, name)
    assert [item.text for item in read(str(tmp_path))] == ["a.txt", "b.txt", "sub/c.txt"]


def test_a_file_of_unknown_kind_is_rejected_and_the_rest_goes_on(tmp_path):
    write(tmp_path / "a.docx", "x")
    write(tmp_path / "b.txt", "A story.")
    rejected, article = read(str(tmp_path))
    assert isinstance(rejected, Rejected)
    assert "'.docx'" in rejected.reason
    assert article.text == "A story."


def test_a_missing_path_is_an_error_at_once(tmp_path):
    with pytest.raises(SourceError, match="no file or folder"):
        read(str(tmp_path / "nowhere"))


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html", "a.jsonl", "a.csv", "a.xml"])
def test_the_text_formats_may_be_gzipped(tmp_path, name):
    content = {
        "a.txt": STORY[0],
        "a.md": STORY[0],
        "a.html": PAGE,
        "a.jsonl": json.dumps({"text": STORY[0]}),
        "a.csv": f'text\n"{STORY[0]}"\n',
        "a.xml": feed(f"<item><description>{STORY[0]}</description></item>"),
    }[name]
    path = write(tmp_path / f"{name}.gz", gzip.compress(content.encode()))
    assert STORY[0] in only(path).text


# Web pages


def test_a_page_gives_its_paragraphs_and_what_its_markup_says(tmp_path):
    article = only(write(tmp_path / "pier.html", PAGE))
    assert all(sentence in article.text.split("\n\n") for sentence in STORY)
    assert "rights reserved" not in article.text and "World" not in article.text
    assert article.title == "Harbourton will rebuild its pier & ferry"
    assert article.published == datetime(2024, 3, 5, 9, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert article.published.utcoffset() == timedelta(hours=-5)
    assert article.updated == datetime(2024, 3, 6, 10, tzinfo=UTC)
    assert article.authors == ("Ann Lee", "Bo Chen")
    assert (article.source, article.language) == ("Harbour Post", "en")
    assert article.url == "https://www.harbourpost.example/pier"


def test_a_page_with_only_meta_elements_keeps_the_time_of_day(tmp_path):
    head = '<meta name="date" content="2024-03-05"><meta property="article:published_time" content="2024-03-05T21:15Z">'
    page = PAGE.replace(json.dumps(LD), "{}").replace("</head>", head + "</head>")
    assert only(write(tmp_path / "a.html", page)).published == datetime(2024, 3, 5, 21, 15, tzinfo=UTC)


def test_a_time_shown_in_the_article_refines_the_day_its_markup_tells_but_never_replaces_it(tmp_path):
    day = '<meta name="date" content="2024-03-05"></head>'
    shown = '<time datetime="2024-03-04T07:00Z"></time><time datetime="2024-03-05T21:15Z"></time><h1>'
    page = PAGE.replace(json.dumps(LD), "{}").replace("</head>", day).replace("<h1>", shown)
    assert only(write(tmp_path / "a.html", page)).published == datetime(2024, 3, 5, 21, 15, tzinfo=UTC)


def test_a_page_that_tells_no_date_has_none(tmp_path):
    page = PAGE.replace(json.dumps(LD), "{}")
    assert only(write(tmp_path / "a.html", page)).published is None


@pytest.mark.parametrize(
    "body",
    [
        "".join(
            f'<li><a href="/{n}">Minister resigns after a long dispute over figure {n}</a></li>' for n in range(40)
        ),
        "<h1>404</h1><p>This page is gone.</p>",
        "",
    ],
    ids=["headlines", "not found", "nothing"],
)
def test_a_page_without_an_article_is_rejected(tmp_path, body):
    (item,) = read(write(tmp_path / "a.html", f"<html><body><ul>{body}</ul></body></html>"))
    assert item == Rejected(str(tmp_path / "a.html"), "no article found on the page")


def test_a_page_cannot_pass_for_another_sites_article():
    from ingest.sources.html import read_html

    article = read_html(PAGE, "x", url="https://copycat.example/pier")
    assert article.url == "https://copycat.example/pier"
    assert read_html(PAGE, "x", url="https://m.harbourpost.example/1").url == "https://www.harbourpost.example/pier"


# Feeds


def feed(items: str) -> str:
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>Harbour Post</title><language>en-gb</language>{items}</channel></rss>"
    )


def test_a_feed_file_gives_its_items_oldest_first_and_marks_teasers(tmp_path):
    new = (
        "<item><title>New &amp; short</title><link>https://harbourpost.example/new?utm_medium=rss</link>"
        "<description>Only a &lt;b&gt;summary&lt;/b&gt;.</description>"
        "<pubDate>Wed, 06 Mar 2024 08:00:00 -0500</pubDate></item>"
    )
    old = (
        "<item><title>Old</title><link>https://harbourpost.example/old</link><description>Short.</description>"
        f"<content:encoded><![CDATA[<p>{STORY[0]}</p><p>{STORY[1]}</p>]]></content:encoded>"
        "<pubDate>Tue, 05 Mar 2024 08:00:00 GMT</pubDate></item>"
    )
    first, second = read(write(tmp_path / "feed.xml", feed(new + old)))
    assert (first.title, first.text, first.teaser) == ("Old", f"{STORY[0]}\n\n{STORY[1]}", False)
    assert (second.title, second.text, second.teaser) == ("New & short", "Only a summary.", True)
    assert second.url == "https://harbourpost.example/new"
    assert (second.source, second.language) == ("Harbour Post", "en")
    assert second.published == datetime(2024, 3, 6, 13, tzinfo=UTC)
    assert second.published.utcoffset() == timedelta(hours=-5)


def test_an_atom_feed_tells_updated_apart_from_published(tmp_path):
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Harbour Post</title><entry><title>T</title>'
        '<link href="https://harbourpost.example/a"/><author><name>Ann Lee</name></author>'
        "<published>2024-03-05T09:00:00Z</published><updated>2024-03-07T09:00:00Z</updated>"
        f'<content type="html">&lt;p&gt;{STORY[0]}&lt;/p&gt;</content></entry></feed>'
    )
    article = only(write(tmp_path / "feed.atom", atom))
    assert article.published == datetime(2024, 3, 5, 9, tzinfo=UTC)
    assert article.updated == datetime(2024, 3, 7, 9, tzinfo=UTC)
    assert (article.text, article.authors, article.teaser) == (STORY[0], ("Ann Lee",), False)


# Tables


@pytest.mark.parametrize("title", ["title", "Headline"])
@pytest.mark.parametrize("text", ["text", "body", "content", "article"])
@pytest.mark.parametrize("published", ["published", "publish_date", "date", "published_at"])
def test_usual_column_names_are_understood(tmp_path, title, text, published):
    row = {
        title: "The pier",
        text: STORY[0],
        published: "January 5, 2023",
        "outlet": "Post",
        "byline": "By Ann Lee and Bo Chen",
    }
    article = only(write(tmp_path / "a.jsonl", json.dumps(row)))
    assert (article.title, article.text, article.source) == ("The pier", STORY[0], "Post")
    assert article.published == datetime(2023, 1, 5, tzinfo=UTC)
    assert article.authors == ("Ann Lee", "Bo Chen")


def test_a_column_map_names_unusual_columns(tmp_path):
    path = write(tmp_path / "a.jsonl", json.dumps({"story": STORY[0], "text": "not this"}))
    assert only(path, columns={"text": "story"}).text == STORY[0]


def test_a_column_map_with_an_unknown_field_is_a_settings_error(tmp_path):
    with pytest.raises(SettingsError, match="colour"):
        read(write(tmp_path / "a.jsonl", "{}"), columns={"colour": "x"})


def test_each_bad_line_of_jsonl_is_rejected_by_its_number(tmp_path):
    lines = [
        json.dumps({"text": "One."}),
        "{broken",
        "[1]",
        "",
        json.dumps({"name": "x"}),
        json.dumps({"text": "Six."}),
    ]
    path = write(tmp_path / "a.jsonl", "\n".join(lines))
    one, broken, listed, textless, six = read(path)
    assert (one.text, one.origin, six.text, six.origin) == ("One.", f"{path}:1", "Six.", f"{path}:6")
    assert [r.origin for r in (broken, listed, textless)] == [f"{path}:2", f"{path}:3", f"{path}:5"]
    assert "broken JSON" in broken.reason and "not a JSON object" in listed.reason and "no column" in textless.reason


def test_the_source_of_a_row_is_else_its_addresss_host(tmp_path):
    row = {"text": STORY[0], "url": "https://www.harbourpost.example/pier"}
    assert only(write(tmp_path / "a.jsonl", json.dumps(row))).source == "harbourpost.example"


def test_markup_in_a_cell_becomes_paragraphs(tmp_path):
    row = {"content": f"<p>{STORY[0]}</p><p>Tom &amp; Ann.</p>"}
    assert only(write(tmp_path / "a.jsonl", json.dumps(row))).text == f"{STORY[0]}\n\nTom & Ann."


def test_a_text_told_in_a_list_is_its_paragraphs(tmp_path):
    row = {"text": STORY}
    assert only(write(tmp_path / "a.jsonl", json.dumps(row))).text == "\n\n".join(STORY)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_cells_may_hold_commas_quotes_and_line_breaks(tmp_path, delimiter):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([["title", "body"], ["One", 'A "b", c;\nd']])
    article = only(write(tmp_path / "a.csv", out.getvalue()))
    assert (article.title, article.text) == ("One", 'A "b", c;\nd')


def test_a_csv_row_with_too_many_fields_is_rejected_and_the_rest_goes_on(tmp_path):
    path = write(tmp_path / "a.csv", "title,text\nA,first\nB,se,cond\nC,third\n")
    first, broken, third = read(path)
    assert (first.text, third.text) == ("first", "third")
    assert broken == Rejected(f"{path}:3", "broken CSV (the row has 3 fields, the header 2)")


def test_parquet_rows_are_articles_with_their_own_times(tmp_path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    moment = datetime(2024, 3, 5, 9, 30, tzinfo=UTC)
    table = pa.table({"headline": ["A", "B"], "body": ["First.", None], "date": [moment, moment], "n": [1, 2]})
    pq.write_table(table, tmp_path / "a.parquet")
    first, second = read(str(tmp_path / "a.parquet"))
    assert (first.title, first.text, first.published) == ("A", "First.", moment)
    assert second == Rejected(f"{tmp_path / 'a.parquet'}:2", "empty")


# PDF and web archives


def pdf(lines: list[str], info: dict[str, str]) -> bytes:
    """A one-page PDF with the lines in Helvetica."""
    from pypdf import PdfWriter
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    writer = PdfWriter()
    page = writer.add_blank_page(600, 800)
    font = DictionaryObject({NameObject(f"/{k}"): NameObject(f"/{v}") for k, v in
                             {"Type": "Font", "Subtype": "Type1", "BaseFont": "Helvetica"}.items()})  # fmt: skip
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
    )
    content = DecodedStreamObject()
    content.set_data(
        b"BT /F1 12 Tf 20 780 Td 14 TL " + b" ".join(f"({line}) Tj T*".encode() for line in lines) + b" ET"
    )
    page[NameObject("/Contents")] = writer._add_object(content)
    writer.add_metadata(info)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_pdf_gives_joined_paragraphs_and_its_own_title_and_date(tmp_path):
    lines = ["The council of Harbourton voted to re-", "build the old ferry pier before winter.", "It costs millions."]
    data = pdf(lines, {"/Title": "The pier", "/Author": "Ann Lee", "/CreationDate": "D:20240305093000-05'00'"})
    article = only(write(tmp_path / "a.pdf", data))
    assert "voted to rebuild the old ferry pier before winter." in article.text
    assert (article.title, article.authors) == ("The pier", ("Ann Lee",))
    assert article.published == datetime(2024, 3, 5, 14, 30, tzinfo=UTC)


def test_printed_lines_join_until_a_short_line_ends_a_sentence():
    printed = (
        "A first line that is rather long\nand a second about as long as it\nends.\nA new paragraph begins\nand ends."
    )
    assert join_lines(printed) == (
        "A first line that is rather long and a second about as long as it ends.\n\nA new paragraph begins and ends."
    )


def test_a_web_archive_gives_its_pages_and_passes_over_the_rest(tmp_path):
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    path = tmp_path / "crawl.warc.gz"
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for url, status, kind, body in (
            ("https://harbourpost.example/pier", "200 OK", "text/html; charset=utf-8", PAGE.encode()),
            ("https://harbourpost.example/gone", "404 Not Found", "text/html", PAGE.encode()),
            ("https://harbourpost.example/a.png", "200 OK", "image/png", b"\x89PNG"),
            ("https://harbourpost.example/menu", "200 OK", "text/html", b"<html><body>Menu</body></html>"),
        ):
            head = StatusAndHeaders(status, [("Content-Type", kind)], protocol="HTTP/1.1")
            writer.write_record(writer.create_warc_record(url, "response", io.BytesIO(body), http_headers=head))
    article, rejected = read(str(path))
    assert article.url == "https://www.harbourpost.example/pier"
    assert STORY[2] in article.text
    assert rejected == Rejected(f"{path}#https://harbourpost.example/menu", "no article found on the page")


# Standard input


@pytest.mark.parametrize(
    ("content", "text"),
    [('\n {"text": "A row."}\n', "A row."), (PAGE, STORY[0]), ("Just words.", "Just words.")],
    ids=["jsonl", "html", "text"],
)
def test_standard_input_is_told_by_its_first_character(monkeypatch, content, text):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content.encode())))
    assert text in only("-").text


# Dates


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2024-03-05T09:30:00-05:00", datetime(2024, 3, 5, 14, 30, tzinfo=UTC)),
        ("2024-03-05 09:30", datetime(2024, 3, 5, 9, 30, tzinfo=UTC)),
        ("2024-03-05", datetime(2024, 3, 5, tzinfo=UTC)),
        ("20240305", datetime(2024, 3, 5, tzinfo=UTC)),
        (20240305, datetime(2024, 3, 5, tzinfo=UTC)),
        ("Tue, 05 Mar 2024 09:30:00 EST", datetime(2024, 3, 5, 14, 30, tzinfo=UTC)),
        ("January 5, 2023", datetime(2023, 1, 5, tzinfo=UTC)),
        ("5 de enero de 2023", datetime(2023, 1, 5, tzinfo=UTC)),
        (1709631000, datetime(2024, 3, 5, 9, 30, tzinfo=UTC)),
        ("1709631000000", datetime(2024, 3, 5, 9, 30, tzinfo=UTC)),
        (date(2024, 3, 5), datetime(2024, 3, 5, tzinfo=UTC)),
        (datetime(2024, 3, 5, 9), datetime(2024, 3, 5, 9, tzinfo=UTC)),
    ],
)
def test_dates_are_read_however_they_are_written(written, moment):
    assert parse_date(written) == moment


@pytest.mark.parametrize(
    "written",
    ["", "soon", "2 hours ago", "yesterday", "March 2024", "2024", 2024, "0000-01-01", "0001-01-01T00:00:00+14:00",
     "9999-12-31", "9999-12-31T23:59:59-14:00", "1599-12-31", True, None, float("nan"), float("inf"), 10**40, [], b"x"],
)  # fmt: skip
def test_what_names_no_possible_day_is_no_date(written):
    assert parse_date(written) is None


def test_the_day_after_tomorrow_is_too_far_ahead():
    now = datetime.now(UTC)
    assert parse_date(now + timedelta(days=1)) is not None
    assert parse_date(now + timedelta(days=3)) is None


@given(st.one_of(st.text(), st.integers(), st.floats(), st.datetimes(), st.dates(), st.dates().map(str), st.binary()))
@example("0" * 8)
@example("Mon, 00 Jan 0000 99:99:99 +9999")
def test_reading_a_date_never_fails_and_always_has_a_zone(value):
    moment = parse_date(value)
    assert moment is None or (moment.utcoffset() is not None and moment.year >= 1600)


# Addresses


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTPS://WWW.Example.ORG:443/A/b?x=1&utm_source=t&fbclid=2#frag", "https://www.example.org/A/b?x=1"),
        ("http://example.org", "http://example.org/"),
        ("http://example.org:8080/a?gclid=1", "http://example.org:8080/a"),
        ("https://user:secret@example.org/a", "https://example.org/a"),
        ("https://example.org/a?id=7&mc_cid=1&page=2&cmpid=x", "https://example.org/a?id=7&page=2"),
        ("http://[2001:DB8::1]:80/", "http://[2001:db8::1]/"),
        ("javascript:alert(1)", ""),
        ("java\nscript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("ftp://example.org/a", ""),
        ("//example.org/a", ""),
        ("http://", ""),
        ("http://example.org:99999/", ""),
        ("http://exa<mple.org/", ""),
        ("not an address", ""),
    ],
)
def test_an_address_has_one_spelling(url, canonical):
    assert canonical_url(url) == canonical


@given(st.one_of(st.text(), st.text().map("https://example.org/{}".format), st.text().map("http://{}/a?b#c".format)))
@example("http://[/")
@example("http://example.org/\ud800")
def test_an_address_is_spelt_the_same_when_spelt_again(url):
    once = canonical_url(url)
    assert once == "" or once.startswith(("http://", "https://"))
    assert canonical_url(once) == once


def test_the_source_of_an_address_is_its_host():
    assert source_from_url("https://www.Example.org:8443/a") == "example.org"
    assert source_from_url("mailto:x@example.org") == ""


def test_a_mobile_host_is_of_the_same_site_and_a_look_alike_is_not():
    assert is_same_site("https://m.example.org/a", "https://www.example.org/a")
    assert not is_same_site("https://notexample.org/a", "https://example.org/a")


def test_authors_come_out_of_bylines_lists_and_records():
    assert split_authors("By Ann Lee, Bo Chen and Cy Diaz") == ("Ann Lee", "Bo Chen", "Cy Diaz")
    assert split_authors([{"name": "Ann Lee"}, "Bo Chen", "Ann Lee"]) == ("Ann Lee", "Bo Chen")
    assert split_authors("https://facebook.example/harbourpost") == ()
    assert split_authors(None) == ()
