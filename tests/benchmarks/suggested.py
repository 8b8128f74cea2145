"""How many follow-up questions answers get, how long they take, and which they are, to be read by a person.

python tests/benchmarks/suggested.py TESTSET LIBRARY [--count 40] [--show]
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections import Counter

from ingest.library import Library
from qa.assistant import Assistant
from qa.evaluation.testset import load
from qa.suggest import follow_ups


def main() -> None:
    """Answer questions of a test set, and print what is suggested after each answer."""
    options = _options()
    asked = [one for one in load(options.testset).golds if one.answerable]
    random.Random(0).shuffle(asked)
    told, seconds = Counter[int](), []
    with Library.open(options.library) as library:
        assistant = Assistant(library)
        for one in asked:
            where = {"as_of": one.as_of} if one.as_of else {}
            answer = assistant.answer(one.question, **where)
            if answer.abstained:
                continue
            began = time.perf_counter()
            following = follow_ups(assistant, answer, [], **where)
            seconds.append(time.perf_counter() - began)
            told[len(following)] += 1
            if options.show:
                print(f"\n{one.question}  ->  {answer.short or answer.text}", *following, sep="\n    ")
            if len(seconds) == options.count:
                break
    if not seconds:
        raise SystemExit("no question of the test set was answered: is this its library?")
    mean = sum(n * times for n, times in told.items()) / len(seconds)
    print(f"{len(seconds)} answers: {mean:.2f} follow-ups each", dict(sorted(told.items())))
    print(f"seconds p50 {statistics.median(seconds):.2f}, longest {max(seconds):.2f}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("testset")
    parser.add_argument("library")
    parser.add_argument("--count", type=int, default=40, help="answers that are looked at")
    parser.add_argument("--show", action="store_true", help="print the questions")
    return parser.parse_args()


if __name__ == "__main__":
    main()
