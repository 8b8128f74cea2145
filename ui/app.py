"""Puts the pages and the endpoints together to one Gradio app, which ui/server.py serves."""

from __future__ import annotations

import os
from pathlib import Path

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported

import gradio as gr  # noqa: E402
from gradio.components import Navbar  # noqa: E402

from ui import api  # noqa: E402
from ui.desk import Desk  # noqa: E402
from ui.pages import articles, ask, evaluate, settings  # noqa: E402
from ui.strings import texts  # noqa: E402

PAGES = {"articles": articles.page, "evaluate": evaluate.page, "settings": settings.page}


def build(desk: Desk) -> gr.Blocks:
    """Every page and every endpoint over one desk."""
    app: gr.Blocks = gr.Blocks(title="Dateline", analytics_enabled=False, fill_width=True)
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
