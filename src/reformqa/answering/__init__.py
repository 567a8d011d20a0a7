"""Answers, comparisons and sets, made of the reports' own sentences, or a reason why there are none."""
