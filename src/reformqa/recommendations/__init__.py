"""Recommendations of reports: finding them, listing them, and setting them side by side."""

from reformqa.recommendations.finding import find_recommendations

__all__ = ["find_recommendations"]
