"""Plain LangChain: Chroma and HuggingFaceEmbeddings in their default settings. Each job is a process of its own.

python langchain_side.py ingest MODEL STORE PASSAGES
python langchain_side.py query MODEL STORE QUESTIONS CASES
python langchain_side.py ask MODEL STORE QUESTION

Nothing of Dateline is imported here. The last line printed is a JSON object.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

K = 8


def ingest(model: str, store: str, passages: str) -> dict[str, object]:
    """Embed and store every passage of the file."""
    from langchain_chroma import Chroma
    from langchain_core.documents import Document
    from langchain_huggingface import HuggingFaceEmbeddings

    documents = []
    with Path(passages).open(encoding="utf-8") as file:
        for article in map(json.loads, file):
            for start, end in article["spans"]:
                text = f"{article['title']}\n{article['text'][start:end]}"  # what Dateline embeds of a passage
                documents.append(Document(text, metadata={"title": article["title"], "url": article["url"]}))
    embeddings = HuggingFaceEmbeddings(model_name=model)
    embeddings.embed_query("The model is loaded before the clock starts.")
    started = time.perf_counter()
    Chroma.from_documents(documents, embeddings, persist_directory=store)
    return {"passages": len(documents), "seconds": time.perf_counter() - started}


def query(model: str, store: str, questions: str, cases: str) -> dict[str, object]:
    """Seconds of every search, by case: {name: where} of Chroma's conditions, None for no condition."""
    from langchain_chroma import Chroma
    from langchain_huggingface import HuggingFaceEmbeddings

    chroma = Chroma(persist_directory=store, embedding_function=HuggingFaceEmbeddings(model_name=model))
    asked = json.loads(Path(questions).read_text(encoding="utf-8"))
    timings: dict[str, list[float]] = {}
    for name, case in json.loads(Path(cases).read_text(encoding="utf-8")).items():
        for question in asked[:5]:
            chroma.similarity_search(question, k=K, filter=case["where"])
        timings[name] = []
        for question in asked:
            started = time.perf_counter()
            chroma.similarity_search(question, k=K, filter=case["where"])
            timings[name].append(time.perf_counter() - started)
    return {"timings": timings}


def ask(model: str, store: str, question: str) -> dict[str, object]:
    """Load everything, search once."""
    from langchain_chroma import Chroma
    from langchain_huggingface import HuggingFaceEmbeddings

    chroma = Chroma(persist_directory=store, embedding_function=HuggingFaceEmbeddings(model_name=model))
    return {"found": [document.page_content for document in chroma.similarity_search(question, k=K)]}


if __name__ == "__main__":
    job, *arguments = sys.argv[1:]
    print(json.dumps({"ingest": ingest, "query": query, "ask": ask}[job](*arguments)))
