"""Puts the pages and the endpoints together to one Gradio app, which ui/server.py serves."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported

import gradio as gr  # noqa: E402
from gradio.components import Navbar  # noqa: E402

from ui import api  # noqa: E402
from ui.desk import Desk  # noqa: E402
from ui.pages import articles, ask, evaluate, settings  # noqa: E402
from ui.pages.events import say_to  # noqa: E402
from ui.strings import texts, words  # noqa: E402

PAGES = {"articles": articles.page, "evaluate": evaluate.page, "settings": settings.page}


def build(desk: Desk) -> gr.Blocks:
    """Every page and every endpoint over one desk."""
    app: gr.Blocks = _Pages(title="Dateline", analytics_enabled=False, fill_width=True)
    with app:
        api.endpoints(desk)  # first, so that no event of a page takes their names
        navigation()
        ask.page(desk)
    for name, page in PAGES.items():
        with app.route(texts()["en"][f"common.{name}"], f"/{name}"):
            navigation()
            page(desk)
    return app


def navigation() -> None:
    """The links between the pages, in the language of the browser."""
    Navbar(main_page_name=texts()["en"]["common.ask"])
    names = {
        language: {"": said["common.ask"], **{name: said[f"common.{name}"] for name in PAGES}}
        for language, said in texts().items()
    }
    script = Path(__file__).parent / "pages" / "navigation.js"
    gr.HTML(js_on_load=script.read_text("utf-8"), names=names, apply_default_css=False, elem_id="navigation")


class _Pages(gr.Blocks):
    """The app; what goes wrong with whatever is sent to it is told in a sentence, where Gradio would tell nothing."""

    async def process_api(self, *values: Any, **named: Any) -> dict[str, Any]:  # noqa: ANN401 - as Gradio gives them
        """Do what an event of a page, or a program, asks for."""
        try:
            return await super().process_api(*values, **named)
        except gr.Error:
            raise
        except Exception as error:  # Gradio prints it in the server's log
            request = named.get("request")
            say = say_to(request) if isinstance(request, gr.Request) else words()
            raise gr.Error(say("common.unexpected")) from error
