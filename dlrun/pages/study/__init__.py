"""The report of a study, from its directory."""
