"""Models from Hugging Face's hub, downloaded only when a person asks for one."""

from __future__ import annotations

from pathlib import Path

from reformqa.errors import EncoderError
from reformqa.models.registry import NEEDED, OTHERS


def get_model(name: str) -> Path:
    """Download a model for later rebuilds and return its folder.

    Raises EncoderError if the hub does not have it or cannot be reached.
    """
    import httpx
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    try:
        folder = snapshot_download(name, allow_patterns=list(NEEDED), ignore_patterns=list(OTHERS))
    except HFValidationError as error:
        raise EncoderError(
            f"{name!r} is no model's name. Give it as the hub does: owner/model."
        ) from error
    except (HfHubHTTPError, httpx.HTTPError, OSError, ValueError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise EncoderError(
            f"The model {name!r} could not be downloaded: {reason} Check its name and the"
            " connection."
        ) from error
    return Path(folder)
