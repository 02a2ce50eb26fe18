"""``python -m benchmarks.pages`` writes the tables of the pages again, from the stored results."""

from __future__ import annotations

from benchmarks.pages.write import written

if __name__ == "__main__":
    for path, text in written().items():
        path.write_text(text)
