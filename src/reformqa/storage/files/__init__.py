"""The embedded store: plain files and SQLite in a folder."""
