"""Addresses of MLflow: databases and servers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dlrun.redact import has_secret
from dlrun.run_directory.lock import gate

SQLITE = "sqlite:///"
_SCHEMES = ("sqlite", "http", "https", "databricks", "postgresql", "mysql", "mssql")


def error_of(uri: str) -> tuple[str, str] | None:
    """What is wrong with an address in a spec, and what to do; shows no password.

    Errors are a password, and a kind that MLflow cannot use here.
    """
    scheme, separator, _ = uri.partition("://")
    if not separator or scheme.partition("+")[0] not in _SCHEMES:
        what = f"'uri' must be an address that begins with one of {', '.join(_SCHEMES)}"
        return what, "for a local file, write sqlite:///mlflow.db"
    if has_secret(uri):
        what = "'uri' contains a password or a token, which would be stored with the run"
        return what, "set it in the environment: MLFLOW_TRACKING_PASSWORD or MLFLOW_TRACKING_URI"
    return None


def absolute(uri: str, folder: Path) -> str:
    """The address with the absolute path of a database."""
    if not uri.startswith(SQLITE) or uri.startswith(f"{SQLITE}/"):
        return uri
    return f"{SQLITE}{(folder / uri.removeprefix(SQLITE)).absolute()}"


def folder_of(uri: str) -> Path | None:
    """The folder of a database; None for a server."""
    return Path(uri.removeprefix(SQLITE)).parent if uri.startswith(SQLITE) else None


@contextmanager
def alone(folder: Path | None) -> Iterator[None]:
    """Only one process at a time is in such a block of a folder."""
    if folder is None:
        yield
        return
    with gate(folder):
        yield
