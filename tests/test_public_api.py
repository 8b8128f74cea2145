"""What users import stays where it is, documented."""

import inspect

import qa


def test_every_public_name_can_be_imported_and_says_what_it_is():
    assert qa.__all__ == sorted(qa.__all__)
    for name in qa.__all__:
        assert inspect.getdoc(getattr(qa, name))


def test_answer_takes_what_the_readme_promises():
    wanted = ["question", "library", "history", "as_of", "published_after", "published_before", "sources", "language"]
    assert list(inspect.signature(qa.answer).parameters) == [*wanted, "llm", "k"]


def test_every_error_of_ours_is_one_family():
    errors = [getattr(qa, name) for name in qa.__all__ if name.endswith("Error")]
    assert errors
    assert all(issubclass(error, qa.DatelineError) for error in errors)
