"""Time series of the UCR archive that come with the package aeon.

python -m pip install --no-deps aeon       # its files are read, its code is never imported
python -m experiments.published.archive    # prints the folder of the data sets
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def folder() -> Path:
    """The folder with a folder for each data set.

    Raises:
        SystemExit: aeon is not installed.
    """
    found = find_spec("aeon")
    if found is None or found.origin is None:
        raise SystemExit(
            "the time series come with the package aeon; install it with: "
            "python -m pip install --no-deps aeon"
        )
    return Path(found.origin).parent / "datasets" / "data"


if __name__ == "__main__":
    print(folder())
