"""Write docs/cli.md from the help texts of the commands.

    .venv/bin/python docs/make_cli.py

tests/test_docs.py fails if the page and the help texts differ.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import typer.main

from reformqa import cli
from reformqa.cli import admin, ask, assistants, catalogue, measure, models, news

PAGE = Path(__file__).with_name("cli.md")
INTRODUCTION = """\
# Command line

<!-- Written by docs/make_cli.py. Edit the help texts in src/reformqa/cli, then run that script. -->

`reformqa COMMAND --help` prints the same on the terminal, `reformqa --version` the version.
`--json` prints the records that [data-model.md](data-model.md) describes.
[operations.md](operations.md) shows how to run the commands on a server.

| Exit status | Meaning |
|---|---|
| 0 | Done, or nothing to do. |
| 1 | The operation failed. For example, the index is damaged or a paper could not be fetched. |
| 2 | The request must change: an empty question, an unknown publisher, a wrong option, no index. |
| 3 | Something needs attention (`status` and `doctor` only). |
"""
#: The modules that define commands, under the headings of the page.
GROUPS = {
    "Ask": ask,
    "Measure": measure,
    "Operate": admin,
    "Connect": assistants,
    "Describe": catalogue,
    "Be told of what is new": news,
    "Models": models,
}


def page() -> str:
    """Return the page in Markdown."""
    commands: dict[str, Any] = typer.main.get_group(cli.app).commands
    parts = [INTRODUCTION]
    for title, module in GROUPS.items():
        parts.append(f"## {title}\n")
        own = typer.main.get_group(module.app).commands
        parts += [describe(name, commands[name]) for name in own]
    return "\n".join(parts)


def describe(name: str, command: Any) -> str:
    """Return a command's section: its usage, its help, and a table of its parameters."""
    context = typer.Context(command, info_name=name)
    pieces = [piece for p in command.params for piece in p.get_usage_pieces(context)]
    usage = " ".join(["reformqa", name, *pieces, "[options]"])
    records = [p.get_help_record(context) for p in command.params if p.name != "help"]
    rows = [f"| `{plain(names)}` | {meaning.replace('  [', ' [')} |" for names, meaning in records]
    table = ["| Argument or option | Meaning |", "|---|---|", *rows]
    return "\n".join([f"### {name}\n", f"    {usage}\n", f"{command.help}\n", *table, ""])


def plain(names: str) -> str:
    """Return an option with the kind of one value, which its meaning completes."""
    return re.sub(r"<(?:list\[)?(\w+)[^>]*>", lambda kind: f"<{kind[1].lower()}>", names)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
