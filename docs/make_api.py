"""Write the API reference into a folder, as a web page made of the docstrings.

.venv/bin/python docs/make_api.py FOLDER        # `make docs` writes build/api
"""

from __future__ import annotations

import sys
from pathlib import Path

import pdoc

import reformqa
from reformqa import library, model


def make(folder: Path) -> None:
    """Write a page for the package, with everything that it exports, into `folder`."""
    for name in reformqa.__all__:  # some are imported when first used, which pdoc would not see
        setattr(reformqa, name, getattr(reformqa, name))
    # An OpenParagraph inherits fields whose types are named in another module.
    for name in ("ParagraphKind", "Region", "SectionKind"):
        setattr(library, name, getattr(model, name))
    pdoc.render.configure(docformat="google", footer_text=f"reformqa {reformqa.__version__}")
    pdoc.pdoc("reformqa", r"!reformqa\..*", output_directory=folder)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
