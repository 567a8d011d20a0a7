"""A library on a Milvus server: written by one machine at a time, read by any number.

    <library>_passages_<n>   what is searched: vectors, BM25 parts, what filters look at
    <library>_records_<n>    what is read by key: paragraphs, passages, token vectors
    <library>_v_<n>_<id>     a version: its small tables, which say which rows belong to it
    <library>_models_<id>    exported models
    <library>_served         the alias of the version being served

Rows are never changed. Versions share the rows of reports that did not change, so that a new
version costs what changed. docs/design.md gives the reasons.
"""
