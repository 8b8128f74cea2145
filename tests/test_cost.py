"""What the answers of a run cost, as far as the provider tells its tokens."""

import pytest
from test_report import refusal, row, run

from ingest.errors import SettingsError
from qa.evaluation.cost import Cost, Price, cost, spending
from qa.evaluation.report import report_html, report_markdown
from qa.evaluation.summary import summarise
from qa.evaluation.text import evaluation_text

PRICE = Price(0.5, 2.0)
THOUSANDS = {"input": 3000, "output": 100}


def told(made, price=PRICE):
    return dict(spending(made, price))


def test_tokens_are_paid_at_the_price_of_a_million_of_their_kind():
    made = run(row(tokens=THOUSANDS), row(tokens=THOUSANDS))
    assert cost(made, PRICE) == Cost(pytest.approx(2 * (3000 * 0.5 + 100 * 2.0) / 1e6), 2, 0)
    assert told(made) == {
        "tokens": "6,000 in, 200 out",
        "cost": "0.0034, 0.0017 an answer (at 0.5 in, 2 out a million tokens)",
    }


def test_answers_without_known_tokens_are_unmeasured_and_not_free():
    assert cost(run(row(tokens=THOUSANDS), row()), PRICE) == Cost(pytest.approx(0.0017), 1, 1)
    assert told(run(row(tokens=THOUSANDS), row()))["cost"].endswith("; unmeasured for 1 more answers")
    assert told(run(row(), row()))["cost"].startswith("unmeasured, as no tokens are known")


def test_a_refusal_for_which_the_model_was_not_asked_costs_nothing():
    assert cost(run(row(tokens=THOUSANDS), row(passages=(), abstained=True)), PRICE).unmeasured == 0
    assert cost(run(row(tokens=THOUSANDS), refusal()), PRICE).unmeasured == 1


def test_without_a_price_only_the_tokens_are_told():
    assert told(run(row(tokens=THOUSANDS)), None) == {"tokens": "3,000 in, 100 out"}
    assert told(run(row()), None) == {}


def test_the_cost_stands_in_the_summary_and_in_both_reports():
    made = run(row(tokens=THOUSANDS))
    summary = summarise(made.rows)
    assert "cost: 0.0017" in evaluation_text(made, summary, PRICE)
    assert "0.0017" in report_html(made, summary, PRICE)
    assert "| cost | 0.0017" in report_markdown(made, summary, PRICE)


@pytest.mark.parametrize("pair", [(-1, 1), (1, float("nan")), (float("inf"), 1)])
def test_a_price_is_a_number_from_0_on(pair):
    with pytest.raises(SettingsError, match="cannot be one"):
        Price(*pair)
