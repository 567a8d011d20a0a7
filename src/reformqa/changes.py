"""What a build holds that the one before did not, told from what each was made of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from reformqa.model import Build, Changes
from reformqa.parsing import report_id

#: What a build depends on besides files, and how to say that it is another.
_OTHERS = {
    "models": "other models",
    "parser": "another parser",
    "settings": "other settings",
    "calibration": "another calibration",
    "catalogue": "another catalogue",
}
_FILES = ("sources", "left_out")


def tell_changes(
    before: tuple[Build, Mapping[str, Any]] | None,
    facts: Mapping[str, Any],
    left_out: Collection[str],
    *,
    forced: bool = False,
) -> Changes:
    """What is new in a build made of `facts`, of which the files `left_out` are in no report.

    `before` is the build served so far with what that was made of, or None for the first one;
    `forced` tells whether it was to be made anew even if nothing had changed.
    """
    now = _reports(facts, left_out)
    if before is None:
        return Changes(added=tuple(sorted(now)))
    build, made_of = before
    then = _reports(made_of, [p.file for p in (*build.problems, *build.skipped)])
    added, removed = now.keys() - then.keys(), then.keys() - now.keys()
    changed = {name for name in now.keys() & then.keys() if now[name] != then[name]}
    others = [words for key, words in _OTHERS.items() if made_of.get(key) != facts[key]]
    if not others and not (added or removed or changed):
        if any(made_of.get(key) != facts[key] for key in _FILES):
            others = ["other files left out"]
        else:
            others = ["asked for" if forced else "the build before was damaged"]
    return Changes(
        before=build.id,
        added=tuple(sorted(added)),
        changed=tuple(sorted(changed)),
        removed=tuple(sorted(removed)),
        reason=", ".join(others) or None,
    )


def _reports(facts: Mapping[str, Any], left_out: Collection[str]) -> dict[str, str]:
    """The reports made of those facts: the hash of each one's file, by its id."""
    return {
        report_id(Path(file)): sha256
        for file, sha256 in facts.get("sources", {}).items()
        if file not in left_out
    }
