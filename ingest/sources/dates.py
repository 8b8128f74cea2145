"""When something was published, out of whatever an outlet writes there."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

_EARLIEST_YEAR = 1600  # the first printed newspapers
_AHEAD = timedelta(days=2)  # clocks and zones differ; further ahead is a mistake
_LONGEST = 80  # characters; no way to write a date is longer

_ISO_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")
_NUMBER = re.compile(r"\d{9,19}(\.\d+)?")
_EPOCH_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3), (1e8, 1.0))  # from this number on, so many to a second


def parse_date(value: object) -> datetime | None:
    """The moment a value names, always with a time zone, or None where it names none that can be true.

    A time without a zone is taken as UTC, a day without a time as its midnight in UTC. A month or a year alone, a
    span ("2 hours ago") and anything before 1600 or more than two days ahead are None.
    """
    try:
        moment = _parse(value)
        return _plausible(moment) if moment is not None else None
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def _parse(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _from_number(value)
    return _from_text(value.strip()) if isinstance(value, str) else None


def _plausible(moment: datetime) -> datetime | None:
    if moment.utcoffset() is None:
        moment = moment.replace(tzinfo=UTC)
    if moment.year < _EARLIEST_YEAR or moment > datetime.now(UTC) + _AHEAD:
        return None
    return moment


def _from_number(number: float) -> datetime | None:
    if day := _ISO_DAY.fullmatch(str(number)):  # 20240305
        return datetime(int(day[1]), int(day[2]), int(day[3]))
    for least, per_second in _EPOCH_UNITS:
        if number >= least:
            return datetime.fromtimestamp(number / per_second, UTC)
    return None


def _from_text(text: str) -> datetime | None:
    if not text or len(text) > _LONGEST or not any(c.isdigit() for c in text):
        return None
    if _NUMBER.fullmatch(text):
        return _from_number(float(text))
    if text.isdecimal() and not _ISO_DAY.fullmatch(text):
        return None
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return read(text)
        except (ValueError, TypeError, IndexError):
            continue
    return _from_prose(text)


def _from_prose(text: str) -> datetime | None:
    """A date as people write it ("January 5, 2023", "5 de enero de 2023"); day, month and year must all be there."""
    import dateparser

    try:
        moment: datetime | None = dateparser.parse(
            text,
            languages=["en", "es", "fr", "de", "pt", "it"],
            settings={"STRICT_PARSING": True, "PARSERS": ["absolute-time"]},
        )
    except Exception:  # noqa: BLE001 - dateparser fails in many ways on odd text, and all of them mean "no date"
        return None
    return moment if moment is not None and str(moment.year) in text else None
