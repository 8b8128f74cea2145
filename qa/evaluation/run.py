"""run.json: one evaluation as a file, from which every metric can be computed again without any model."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from ingest.errors import SettingsError, SourceError
from qa.evaluation.records import RUN_VERSION, Gold, Row, Run, Support

RUN_FILE = "run.json"
JOURNAL_FILE = "rows.jsonl"
MAY_DIFFER = ("workers", "limit")  # settings that change no row, so that an evaluation may go on with others


def score(gold: Gold, row: Row) -> Row:
    """The row with every metric that its own values decide; none where the question could not be asked."""
    from qa.evaluation.abstaining import abstention_metrics
    from qa.evaluation.answers import answer_metrics
    from qa.evaluation.citing import citation_metrics
    from qa.evaluation.judge import judge_metrics
    from qa.evaluation.ranking import retrieval_metrics

    if row.error:
        return replace(row, metrics={})
    row = replace(row, metrics=dict(answer_metrics(gold, row)))
    metrics = row.metrics | retrieval_metrics(gold, row) | citation_metrics(gold, row) | abstention_metrics(gold, row)
    return replace(row, metrics=metrics | judge_metrics(row))


def recompute(run: Run) -> Run:
    """The run with every metric computed anew from its rows; no model is loaded, no library opened."""
    return replace(run, rows=tuple(score(gold_of(row.gold), row) for row in run.rows))


def plain_gold(gold: Gold) -> dict[str, Any]:
    """A gold question as plain JSON values, without its documents."""
    value: dict[str, Any] = _plain(asdict(replace(gold, documents=())))
    del value["documents"]
    return value


def gold_of(value: Mapping[str, Any]) -> Gold:
    """The gold question that plain_gold() wrote."""
    return Gold(
        id=value["id"],
        question=value["question"],
        answers=tuple(value["answers"]),
        answerable=value["answerable"],
        supports=tuple(Support(**support) for support in value["supports"]),
        choices=tuple(value["choices"]),
        choice=value["choice"],
        as_of=date.fromisoformat(value["as_of"]) if value["as_of"] else None,
        history=tuple((asked, answered) for asked, answered in value["history"]),
        language=value["language"],
        tags=dict(value["tags"]),
        group=value["group"],
        normaliser=value["normaliser"],
        line=value["line"],
    )


def plain_run(run: Run) -> dict[str, Any]:
    """A run as plain JSON values, its version first."""
    return {"version": run.version, **_plain(asdict(run))}


def write_run(run: Run, path: Path) -> None:
    """Write a run, whole or not at all."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(json.dumps(plain_run(run), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    beside.replace(path)


def read_run(path: Path | str) -> Run:
    """The run in a file, or in the folder that an evaluation wrote.

    Raises:
        SourceError: it cannot be read, is no run, or was written by a newer Dateline.
    """
    path = Path(path)
    path = path / RUN_FILE if path.is_dir() else path
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SourceError(
            f"the run {path} cannot be read ({error}); make one with `dateline eval TESTSET --out DIR`"
        ) from error
    if not isinstance(value, dict) or not isinstance(value.get("version"), int) or "rows" not in value:
        raise SourceError(f"{path} is no evaluation run; give the run.json that `dateline eval --out DIR` writes")
    if value["version"] > RUN_VERSION:
        raise SourceError(
            f"{path} is a run of version {value['version']}, and this Dateline reads up to {RUN_VERSION}; "
            "install a newer Dateline, or evaluate again with this one"
        )
    try:
        return Run(
            created=value["created"],
            testset=value["testset"],
            setting=value["setting"],
            cold_start=value["cold_start"],
            rows=tuple(row_of(row) for row in value["rows"]),
            version=value["version"],
        )
    except (KeyError, TypeError) as error:
        raise SourceError(f"{path} is not a whole run ({error!r}); evaluate again") from error


def row_of(value: Mapping[str, Any]) -> Row:
    """A row from its plain JSON values."""
    kept = {field.name: value[field.name] for field in fields(Row) if field.name in value}
    for name in ("citations", "passages", "unsupported"):
        kept[name] = tuple(kept.get(name, ()))
    return Row(**kept)


class Journal:
    """The rows of an evaluation under way, appended to a file as they are made, so that it can go on.

    Without a folder nothing is kept.
    """

    def __init__(self, folder: Path | None, testset: Mapping[str, Any], setting: Mapping[str, Any]) -> None:
        """Take up the folder.

        Raises:
            SettingsError: it holds an evaluation of another test set or with another setting.
        """
        self.rows: dict[str, Row] = {}
        self._path = folder / JOURNAL_FILE if folder else None
        self._header = {"testset": _plain(dict(testset)), "setting": _plain(dict(setting))}
        if folder is None or self._path is None:
            return
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / RUN_FILE).exists():
            earlier = read_run(folder)
            mine = {name: earlier.setting[name] for name in ("version", "commit") if name in earlier.setting}
            self._check({"testset": earlier.testset, "setting": earlier.setting}, self._header["setting"] | mine)
        if self._path.exists():
            self._go_on()
        if not self._path.exists():
            self._path.write_text(json.dumps(self._header, ensure_ascii=False) + "\n", encoding="utf-8")

    def add(self, row: Row) -> None:
        """Keep a row; it survives whatever ends the process."""
        self.rows[row.id] = row
        if self._path:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(_plain(asdict(row)), ensure_ascii=False) + "\n")

    def close(self) -> None:
        """Delete the file: the run that was made of it holds everything."""
        if self._path:
            self._path.unlink(missing_ok=True)

    def _go_on(self) -> None:
        """Take over the rows that are there; a last line cut in half by a kill is dropped."""
        assert self._path
        whole = list(_whole_lines(self._path))
        if not whole:
            self._path.unlink()
            return
        self._check(json.loads(whole[0]), self._header["setting"])
        self.rows = {row.id: row for row in map(row_of, map(json.loads, whole[1:])) if not row.error}
        kept = [whole[0], *(json.dumps(_plain(asdict(row)), ensure_ascii=False) for row in self.rows.values())]
        beside = self._path.with_suffix(".new")
        beside.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
        beside.replace(self._path)

    def _check(self, earlier: Mapping[str, Any], setting: Mapping[str, Any]) -> None:
        assert self._path
        mine = {**_identity(self._header["testset"]), **setting}
        theirs = {**_identity(earlier["testset"]), **earlier["setting"]}
        for name in dict.fromkeys((*mine, *theirs)):
            if name not in MAY_DIFFER and mine.get(name) != theirs.get(name):
                raise SettingsError(
                    f"{self._path.parent} holds an evaluation with another {name} ({_shown(theirs.get(name))}, now "
                    f"{_shown(mine.get(name))}); give another folder with --out, or delete that one to start anew"
                )


def is_same_testset(a: Run, b: Run) -> bool:
    """Whether two runs are of the same test set, read in the same way."""
    return _identity(a.testset) == _identity(b.testset)


def _identity(testset: Mapping[str, Any]) -> dict[str, Any]:
    return {"test set": testset["sha256"], "format": testset["format"]}


def _whole_lines(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield line.decode("utf-8").rstrip("\n")


def _shown(value: Any) -> str:  # noqa: ANN401 - any setting
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _plain(value: Any) -> Any:  # noqa: ANN401 - plain JSON values of whatever a record holds
    """Dates as text and tuples as lists, as they will be once read back."""
    return json.loads(json.dumps(value, ensure_ascii=False, default=lambda other: other.isoformat()))
