"""Briefings: quotes collected by a person, in order, with headings and notes of their own."""
