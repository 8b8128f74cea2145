"""Where the HTML templates are rendered: every word of others is escaped, and shown as it is written."""

from __future__ import annotations

from jinja2 import Environment, StrictUndefined

from qa.markdown import shortened, web_address, without_controls


def environment() -> Environment:
    """An environment for templates of ours."""
    made = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_as_read
    )
    made.filters |= {"web": web_address, "shortened": shortened}
    return made


def _as_read(value: object) -> object:
    """Text of others without what would make it read otherwise than it is written."""
    return without_controls(value) if type(value) is str else value
