"""Passwords and tokens are not shown."""

from __future__ import annotations

import pytest

from dlrun.redact import has_secret, redacted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("cannot reach http://me:pw@host/x now", "cannot reach http://me:***@host/x now"),
        ("postgresql+psycopg2://me:p:w@host", "postgresql+psycopg2://me:***@host"),
        ("http://me:p@ss@host", "http://me:***@host"),
        ("https://host/?a=1&write_token=abc&b=2", "https://host/?a=1&write_token=***&b=2"),
        ("http://host?api_key=abc", "http://host?api_key=***"),
    ],
)
def test_a_secret_is_replaced(text: str, shown: str) -> None:
    assert redacted(text) == shown
    assert has_secret(text)


@pytest.mark.parametrize(
    "text",
    ["http://me@host/x", "http://host:5000/a@b:c", "sqlite:///mlflow.db", "train.loss: 1@2", ""],
)
def test_other_text_stays(text: str) -> None:
    assert redacted(text) == text
    assert not has_secret(text)
