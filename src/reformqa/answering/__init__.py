"""Answers, comparisons and sets in the words of the reports, or a reason why there is none."""
