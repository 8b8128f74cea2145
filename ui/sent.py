"""What is sent to Gradio as JSON, read before Gradio acts on it: it gives a session's state to whoever names it."""

from __future__ import annotations

import json
from typing import Any
from weakref import WeakKeyDictionary

from starlette.types import Message, Receive

_users: WeakKeyDictionary[object, str] = WeakKeyDictionary()


async def read_json(receive: Receive, *, mend: bool) -> tuple[Any, Receive]:
    """The JSON value that is received, None for nothing, and what gives it to Gradio once more.

    mend: whether half an emoji, and all else that no encoding can write, becomes a question mark: where Gradio repeats
        it in an answer, that would break off.

    Raises:
        ValueError: it is no JSON, or nested too deeply.
    """
    body, more = bytearray(), True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    try:
        value = json.loads(bytes(body)) if body else None
        if body and mend:
            body = bytearray(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    again: list[Message] = [{"type": "http.request", "body": bytes(body)}]

    async def received() -> Message:
        return again.pop() if again else await receive()

    return value, received


def owns(user: str, session: str, sessions: Any, *, begins: bool = False) -> bool:  # noqa: ANN401 - no part of Gradio's API
    """Whether a session of Gradio's StateHolder is not another user's; it belongs to who first sent something in it.

    begins: whether it is the user's from now on, if it is nobody's yet.
    """
    if begins:
        return _users.setdefault(sessions[session], user) == user
    return session not in sessions or _users.get(sessions.session_data[session], user) == user
