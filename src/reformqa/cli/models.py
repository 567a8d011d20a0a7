"""The command that lists the models and downloads further ones."""

from __future__ import annotations

from typing import Annotated, Literal

import typer
from rich.markup import escape

from reformqa.cli.options import AsJson, SettingsFile
from reformqa.cli.output import out, print_json
from reformqa.errors import CallerError, ReformqaError
from reformqa.settings import load_settings

app = typer.Typer()


@app.command("models")
def models_command(
    action: Annotated[
        Literal["list", "get"], typer.Argument(help="list, or get: download one.")
    ] = "list",
    name: Annotated[
        str | None, typer.Argument(help="The model to get: its name at Hugging Face's hub.")
    ] = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
) -> None:
    """List the models that the settings choose and those packaged, or download one."""
    from reformqa.models.hub import get_model
    from reformqa.models.registry import PACKAGED, chosen_models

    if action == "get":
        if not name:
            raise CallerError("Name the model to get, as the hub does: owner/model.")
        folder = get_model(name)
        out.print(f"{escape(name)} is in {escape(str(folder))}.", highlight=False)
        out.print("Name it in encoder.model, .tokens or .reranker, and rebuild.", highlight=False)
        return
    chosen = {n: role for role, n in chosen_models(load_settings(settings).encoder).items()}
    found = [
        {"name": n, "chosen_for": chosen.get(n), "state": _state(n)}
        for n in dict.fromkeys((*chosen, *PACKAGED))
    ]
    if as_json:
        print_json(found)
        return
    for model in found:
        used = f" ({model['chosen_for']})" if model["chosen_for"] else ""
        out.print(f"{escape(str(model['name']))}{used}: {model['state']}", highlight=False)


def _state(name: str) -> str:
    """Return whether a model is on this machine as it should be."""
    from reformqa.models.registry import find_model

    try:
        find_model(name)
    except ReformqaError as error:
        return str(error)
    return "installed"
