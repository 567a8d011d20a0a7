"""Imports go one way: a module imports only from rows above its own."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from support.places import PROJECT

PACKAGE = PROJECT / "src" / "reformqa"
#: From the ground up; modules of one row know nothing of each other.
ROWS = (
    {"model", "errors", "likeness", "lexical", "dense", "plain", "durable", "findings"},
    {"document", "machine"},
    {"settings", "manifest", "calibration", "marking", "sources", "locking"},
    {"parsing.inline", "parsing.blocks", "parsing.pdf.graphics", "terms", "pictures"},
    {"papers", "fetching.partials", "fetching.addresses", "fetching.webpages"},
    {"encoders", "wording", "questions", "quotes", "context", "completions", "builds"},
    {"late"},
    {"fetching.politeness"},
    {"fetching.downloading"},
    {"models", "exports.printable", "exports.names"},
    {"exports.table", "exports.references", "exports.text"},
    {"exports.html", "exports.markdown", "exports.word"},
    {"exports"},
    {"results"},
    {"parsing.text", "parsing.furniture", "parsing.asides", "parsing.pdf.positions"},
    {"parsing.pdf.strips", "parsing.pdf.ocr", "parsing.judgement"},
    {"parsing.pdf.lines"},
    {"parsing.pdf.areas", "parsing.pdf.columns", "parsing.pdf.margins", "parsing.pdf.grouping"},
    {"parsing.pdf.layout"},
    {"parsing.pdf.flow"},
    {"parsing.pdf.roles"},
    {"parsing.pdf.levels"},
    {"parsing.pdf", "parsing.titles"},
    {"parsing.sections", "parsing.frontpage"},
    {"parsing.paragraphs"},
    {"parsing"},
    {"corpus", "recommendations", "passages", "restatements", "changes"},
    {"workers", "vectors", "inspection", "arrivals", "parsed"},
    {"legs", "fetching"},
    {"snapshot"},
    {"filters", "tracing", "gathering", "rollback"},
    {"printed", "narrowing"},
    {"retrieval"},
    {"answer", "sets", "crosswalk", "evaluation", "rephrase", "recommended", "themes"},
    {"signs", "compare", "scores"},
    {"refusal"},
    {"asking", "examples"},
    {"calibrating", "runs"},
    {"library", "plotting", "options", "renewal"},
    {"standing", "gates"},
    {"printing", "rebuilding", "doctor"},
    {"running", "serving"},
    {"operating"},
    {"cli", ""},
    {"app.safe", "app.wording", "app.navigation"},
    {"app.address", "app.shelf", "app.downloads", "app.signing"},
    {"app.boxes", "app.source", "app.upload", "app.matrix"},
    {"app.comparison"},
    {"app.ask", "app.compare", "app.crosswalk", "app.health", "app.recommendations", "app.reports"},
    {"app"},
    {"__main__"},
)
ROW = {name: n for n, row in enumerate(ROWS) for name in row}


def module_name(file: Path) -> str:
    parts = file.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(p for p in parts if p != "__init__")


MODULES = {module_name(f): f for f in sorted(PACKAGE.rglob("*.py"))}


def imported(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("reformqa"):
            base = (node.module or "").removeprefix("reformqa").lstrip(".")
            inner = {f"{base}.{a.name}".lstrip(".") for a in node.names}
            found |= (inner & set(MODULES)) or {base}
    return found


def test_every_module_has_its_row():
    assert set(MODULES) == set(ROW)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_imports_only_from_rows_above_it(name: str):
    upward = {m for m in imported(MODULES[name]) if ROW[m] >= ROW[name]}
    assert upward == set()


# The command line imports in its commands what only they need: `ask` need not wait for what reads
# PDFs.
@pytest.mark.parametrize("name", sorted(set(MODULES) - {"cli", "operating"}))
def test_nothing_of_the_package_is_imported_inside_a_function(name: str):
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    inner = {
        node.module
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("reformqa")
    }
    assert inner == set()


def users_of(*names: str) -> set[str]:
    """The modules that call one of those functions, or take it from its module."""
    return {
        module
        for module, file in MODULES.items()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute | ast.Name) and ast.unparse(node) in names
    }


def test_only_the_rebuild_writes_a_build():
    assert users_of("snapshot.write", "builds.admit", "builds.prune") == {"rebuilding"}
    assert users_of("builds.publish") == {"rebuilding", "rollback"}
    assert users_of("publish", "admit", "prune") == set()


def test_only_an_evaluation_that_is_asked_to_records_scores():
    assert users_of("record_score") == {"cli"}
