"""Experiments on training deep networks, with claims that are tested."""
