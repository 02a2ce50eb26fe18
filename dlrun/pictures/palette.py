"""The colours of pictures."""

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "0.15")
"""The colours of Okabe & Ito ("Color universal design", 2008), which can be distinguished with
every kind of colour vision, without yellow, which is too light for lines on white."""
