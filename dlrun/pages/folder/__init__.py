"""The report of a folder of runs and studies."""
