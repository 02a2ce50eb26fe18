"""Cross-validation: a training for each fold of the data, and the mean of their scores.

Stone, "Cross-validatory choice and assessment of statistical predictions", Journal of the Royal
Statistical Society B, 1974.
"""
