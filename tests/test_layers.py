"""The architecture, held: who imports whom, and what is imported where."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {"ingest": {"ingest"}, "qa": {"qa", "ingest"}, "ui": {"ui", "qa", "ingest"}}
ONLY_IN = {
    "chromadb": {"ingest/chroma.py"},
    "tantivy": {"ingest/words.py"},
    "gradio": {"ui/app.py", "ui/api.py", "ui/server.py", "ui/pages"},
    "sentence_transformers": {"ingest/embed.py"},
    "sqlite3": {"ingest/catalog.py"},
}


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


def sources():
    return [path for package in MAY_IMPORT for path in (ROOT / package).rglob("*.py")]


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path):
    package = path.relative_to(ROOT).parts[0]
    ours = {name for name in imports(path) if name in MAY_IMPORT}
    assert ours <= MAY_IMPORT[package]


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_big_dependency_is_imported_in_few_files(library):
    found = {path.relative_to(ROOT).as_posix() for path in sources() if library in imports(path)}
    found = {"ui/pages" if path.startswith("ui/pages/") else path for path in found}
    assert found == ONLY_IN[library]


def test_importing_the_packages_loads_no_model_library():
    code = "import qa, ingest, ui, sys; print(sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    for heavy in ("torch", "transformers", "chromadb", "gradio", "tantivy", "langchain"):
        assert f"'{heavy}'" not in loaded


def test_asking_a_question_does_not_wait_for_torch(small):
    code = f"""
import sys
from qa import answer
answer("Who opened the ferry pier?", library={str(small)!r})
assert "torch" not in sys.modules and "chromadb" not in sys.modules, "loaded for a single question"
"""
    subprocess.run([sys.executable, "-c", code], check=True)
