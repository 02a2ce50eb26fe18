"""Pieces of a page: each is a function from plain data to HTML, and to data for the script."""
