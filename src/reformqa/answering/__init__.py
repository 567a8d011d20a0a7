"""Answers, comparisons and sets, made of the reports' own sentences, or a reason for none."""
