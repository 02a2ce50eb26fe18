"""Reports as HTML: pieces from plain data, and pages of a run, a study or a folder.

A page is one file that loads nothing and needs no network.  Everything on it is escaped.
"""
