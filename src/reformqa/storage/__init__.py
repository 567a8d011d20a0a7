"""Stores: where a library is kept, and how it is read and written."""
