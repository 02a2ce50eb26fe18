"""The board: runs and studies in a browser, read from their directories while they are written."""
