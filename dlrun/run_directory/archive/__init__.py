"""Archives: a trained run as one file, to predict with and not to train."""
