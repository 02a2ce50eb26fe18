"""Run directories: writing them, and reading them back."""
