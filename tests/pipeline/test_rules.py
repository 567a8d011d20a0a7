"""The rules that make an index have a version, which changes with their source.

If `test_the_rules_are_those_of_their_version` fails, raise PIPELINE_VERSION in
src/reformqa/ingest/rules.py, unless the change cannot alter what a build contains. In both cases
record the new digest, in the project folder:

    PYTHONPATH=tests .venv/bin/python -m pipeline.test_rules
"""

from __future__ import annotations

import ast
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from reformqa.ingest.rules import PIPELINE_VERSION, RULES
from support.places import PROJECT

SOURCE = PROJECT / "src" / "reformqa"
RECORD = Path(__file__).with_name("rules.json")
#: What rules may import without its being a rule: records, and what has a version of its own.
_OTHERS = ("errors", "model", "settings", "files", "parsing", "storage", "models", "ingest.collect")
_CURE = (
    "The rules were changed. Raise PIPELINE_VERSION in src/reformqa/ingest/rules.py, unless no"
    " build can change by it, and run: PYTHONPATH=tests .venv/bin/python -m pipeline.test_rules"
)


def dump(node: Any) -> str:
    """Return a syntax tree as text, as `ast.dump` does, but equally by every Python.

    Fields that are empty are left out: later versions of Python add some.
    """
    if isinstance(node, ast.AST):
        fields = ((name, value) for name, value in ast.iter_fields(node) if value not in (None, []))
        return f"{type(node).__name__}({', '.join(f'{n}={dump(v)}' for n, v in fields)})"
    return f"[{', '.join(map(dump, node))}]" if isinstance(node, list) else repr(node)


def digest(source: Path) -> str:
    """Return a digest of the rules' syntax trees, which have no comments, without docstrings."""
    whole = hashlib.sha256()
    for name in RULES:
        tree = ast.parse((source / name).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
            if isinstance(node, kinds) and ast.get_docstring(node, clean=False) is not None:
                del node.body[0]
        whole.update(f"{name}\n{dump(tree)}\n".encode())
    return whole.hexdigest()


def fault(source: Path, record: Path) -> str | None:
    """Return what is wrong with the record of the rules, or None."""
    recorded = json.loads(record.read_text(encoding="utf-8"))
    now = {"version": PIPELINE_VERSION, "digest": digest(source)}
    return None if recorded == now else _CURE


def test_the_rules_are_those_of_their_version():
    assert fault(SOURCE, RECORD) is None, _CURE


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package, which a test may change."""
    return Path(shutil.copytree(SOURCE, tmp_path / "reformqa"))


@pytest.mark.parametrize("name", RULES)
def test_a_changed_rule_needs_another_version(copy: Path, name: str):
    with (copy / name).open("a", encoding="utf-8") as file:
        file.write("\nADDED = 1\n")
    found = fault(copy, RECORD)
    assert found is not None
    assert "Raise PIPELINE_VERSION" in found


def test_another_number_in_a_rule_needs_another_version(copy: Path):
    rule = copy / "ingest" / "duplicates.py"
    text = rule.read_text(encoding="utf-8")
    assert "SHARED = 0.5" in text
    rule.write_text(text.replace("SHARED = 0.5", "SHARED = 0.4"), encoding="utf-8")
    assert fault(copy, RECORD) is not None


def test_a_version_that_was_raised_is_recorded(copy: Path, tmp_path: Path):
    older = {"version": PIPELINE_VERSION - 1, "digest": digest(SOURCE)}
    (tmp_path / "rules.json").write_text(json.dumps(older), encoding="utf-8")
    assert fault(copy, tmp_path / "rules.json") is not None


def test_comments_docstrings_and_layout_are_no_rules(copy: Path):
    rule = copy / "ingest" / "passages.py"
    text = rule.read_text(encoding="utf-8")
    docstring = '"""Return the passages of `report`, in reading order."""'
    assert docstring in text
    text = text.replace(docstring, '"""Return passages."""\n\n    # A comment.')
    rule.write_text(f"# Another comment.\n{text}\n\n", encoding="utf-8")
    assert fault(copy, RECORD) is None


def test_what_a_rule_imports_is_a_rule():
    strange = set()
    for name in RULES:
        for node in ast.walk(ast.parse((SOURCE / name).read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("reformqa."):
                module = str(node.module).removeprefix("reformqa.")
                known = f"{module.replace('.', '/')}.py" in RULES
                if not known and not module.startswith(_OTHERS):
                    strange.add(f"{name} imports {module}")
    assert strange == set()


if __name__ == "__main__":
    rules = {"version": PIPELINE_VERSION, "digest": digest(SOURCE)}
    RECORD.write_text(json.dumps(rules, indent=1) + "\n", encoding="utf-8")
