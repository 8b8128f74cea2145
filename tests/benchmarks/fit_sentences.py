"""Fits the weights of qa/extractive.py: which sentence answers, and whether any does.

    python tests/benchmarks/fit_sentences.py --data FOLDER --library FOLDER [--questions 600] [--seed 0]

The data folder holds span_qa/ and realtimeqa/, the library the RealTime QA articles of 2022. A third of the questions
each: SQuAD-like ones, read over their own paragraph and three others of the same article, a third of the answerable
ones without their own paragraph, as if the library did not hold it; RealTime QA 2022, whose answer stands in one of
their own articles, asked of the library as of their day; RealTime QA 2024, asked of it without a day, none of which it
can answer but by chance. Prints the weights, and on held-out questions the share of right first sentences and the AUROC
of answerable against unanswerable.
"""

import argparse
import gzip
import json
import random
from pathlib import Path

import numpy as np
from realtimeqa import counted_questions, padded
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from ingest.embed import PassageEmbeddings
from ingest.library import Library
from ingest.records import Article, Passage
from qa.assistant import Assistant
from qa.extractive import BIAS, FEATURES, WEIGHTS, ExtractiveAnswerer
from qa.question import understand
from qa.records import ScoredPassage


def questions_of(path, rng):
    """(article title, question, paragraphs, answer texts of those that the paragraphs hold)."""
    for document in json.loads(gzip.open(path).read())["data"]:
        contexts = [paragraph["context"] for paragraph in document["paragraphs"]]
        for number, paragraph in enumerate(document["paragraphs"]):
            for asked in paragraph["qas"]:
                answers = [] if asked.get("is_impossible") else [a["text"] for a in asked["answers"]]
                others = [c for i, c in enumerate(contexts) if i != number]
                paragraphs = rng.sample(others, min(3, len(others)))
                if answers and rng.random() < 0.33:
                    answers = []
                else:
                    paragraphs.append(contexts[number])
                yield document["title"], asked["question"], paragraphs, answers


def examples(path, count, rng, answerer, embeddings):
    everything = list(questions_of(path, rng))
    for title, text, paragraphs, answers in rng.sample(everything, min(count, len(everything))):
        question = understand(text)
        vectors = embeddings.encode_few([question.search_text, *(f"{title}\n{p}" for p in paragraphs)])
        cosines = vectors[1:] @ vectors[0]
        scored = []
        for rank, i in enumerate(np.argsort(-cosines), 1):
            article = Article(paragraphs[i], title=title.replace("_", " "), language="en")
            passage = Passage(int(i), article.article_id, 0, len(paragraphs[i]), paragraphs[i])
            scored.append(ScoredPassage(passage, article, 0.0, rank, (), float(cosines[i])))
        sentences, features = answerer.read(question, scored)
        right = [any(answer in s.text and answer in paragraphs[-1] for answer in answers) for s in sentences]
        yield title, bool(answers), features, np.array(right)


def news_examples(assistant, asked, as_of):
    """Questions over what the library gives for them; none is answerable where they are not asked as of their day."""
    for one in asked:
        request = assistant.understand(one.text, as_of=one.day if as_of else None)
        sentences, features = assistant.answerer.read(request.question, assistant.find(request))
        right = np.array([as_of and one.answer in padded(s.text) for s in sentences])
        yield one.week, as_of, features, right


def report(name, held, weights, bias):
    firsts, hopes, answerable = [], [], []
    for _, has_answer, features, right in held:
        scores = 1 / (1 + np.exp(-(features @ weights + bias)))
        best = int(scores.argmax())
        firsts.append(bool(right[best]) if has_answer else False)
        hopes.append(scores[best])
        answerable.append(has_answer)
    firsts, hopes, answerable = map(np.array, (firsts, hopes, answerable))
    print(f"{name}: first sentence right {firsts[answerable].mean():.3f} of {answerable.sum()} answerable, "
          f"AUROC {roc_auc_score(answerable, hopes):.3f}")  # fmt: skip
    for threshold in np.arange(0.1, 0.65, 0.05):
        refused = hopes < threshold
        print(f"  below {threshold:.2f}: refuses {refused[~answerable].mean():.2f} of the unanswerable, "
              f"{refused[answerable].mean():.2f} of the answerable; "
              f"right where answering {firsts[~refused].mean() if (~refused).any() else 0:.2f}")  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=600)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    embeddings = PassageEmbeddings()
    answerer = ExtractiveAnswerer(embeddings)
    rows = []
    for name in ("squad2_dev_half", "new_wiki"):
        path = args.data / "span_qa" / f"{name}.json.gz"
        rows += examples(path, args.questions // 6, rng, answerer, embeddings)
    with Library.open(args.library) as library:
        assistant = Assistant(library)
        for year in (2022, 2024):
            asked = counted_questions(args.data, year)
            asked = rng.sample(asked, min(len(asked), args.questions // 3))
            rows += news_examples(assistant, asked, as_of=year == 2022)
    rows = [row for row in rows if len(row[2])]
    titles = sorted({title for title, *_ in rows})
    rng.shuffle(titles)
    kept = set(titles[: len(titles) // 4])
    train, held = [r for r in rows if r[0] not in kept], [r for r in rows if r[0] in kept]
    model = LogisticRegression(C=10.0, max_iter=2000)
    model.fit(np.concatenate([r[2] for r in train]), np.concatenate([r[3] for r in train]))
    print(f"{len(train)} questions to fit, {len(held)} held out")
    report("before", held, WEIGHTS, BIAS)
    report("fitted", held, model.coef_[0], model.intercept_[0])
    tops = [(r[2] @ model.coef_[0] + model.intercept_[0], r[3]) for r in train]
    seemed = np.array([[logits.max()] for logits, _ in tops])
    trust = LogisticRegression(C=10.0).fit(seemed, [bool(right[logits.argmax()]) for logits, right in tops])
    print("FEATURES", FEATURES)
    print("WEIGHTS = np.array([" + ", ".join(f"{w:.2f}" for w in model.coef_[0]) + "])")
    print(f"BIAS = {model.intercept_[0]:.2f}")
    print(f"CONFIDENCE_SLOPE, CONFIDENCE_BIAS = {trust.coef_[0][0]:.2f}, {trust.intercept_[0]:.2f}")


if __name__ == "__main__":
    main()
