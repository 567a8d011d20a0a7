"""Ask think-tank reports; every sentence of an answer leads to its source paragraph."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from reformqa.answering.results import Answer, Comparison, ComparisonRow
from reformqa.citations.page_image import PagePicture
from reformqa.errors import (
    BusyIndexError,
    CallerError,
    CorpusError,
    DamagedIndexError,
    EncoderError,
    EvaluationFileError,
    ExportError,
    FetchError,
    FetchRefusedError,
    GateError,
    MissingIndexError,
    QuestionError,
    ReformqaError,
    RenewalError,
    SettingsError,
    SourceFileError,
    StrictError,
    UnknownNameError,
    UnreadableFileError,
    UnwritableIndexError,
    UploadError,
)
from reformqa.library import Library
from reformqa.model import (
    Build,
    Citation,
    Hit,
    Paragraph,
    ParseQuality,
    Passage,
    Recommendation,
    Region,
    Report,
    Section,
    Sentence,
)
from reformqa.recommendations.crosswalk import Crosswalk, Similar
from reformqa.recommendations.listing import Recommendations
from reformqa.recommendations.themes import Theme
from reformqa.search.retriever import Hits
from reformqa.settings import Settings, load_settings

if TYPE_CHECKING:
    from reformqa.pipeline.rebuild import rebuild

__version__ = "0.1.0"

__all__ = [
    "Answer",
    "Build",
    "BusyIndexError",
    "CallerError",
    "Citation",
    "Comparison",
    "ComparisonRow",
    "CorpusError",
    "Crosswalk",
    "DamagedIndexError",
    "EncoderError",
    "EvaluationFileError",
    "ExportError",
    "FetchError",
    "FetchRefusedError",
    "GateError",
    "Hit",
    "Hits",
    "Library",
    "MissingIndexError",
    "PagePicture",
    "Paragraph",
    "ParseQuality",
    "Passage",
    "QuestionError",
    "Recommendation",
    "Recommendations",
    "ReformqaError",
    "Region",
    "RenewalError",
    "Report",
    "Section",
    "Sentence",
    "Settings",
    "SettingsError",
    "Similar",
    "SourceFileError",
    "StrictError",
    "Theme",
    "UnknownNameError",
    "UnreadableFileError",
    "UnwritableIndexError",
    "UploadError",
    "__version__",
    "load_settings",
    "rebuild",
]


def __getattr__(name: str) -> Any:
    """`rebuild` on first use: it brings in all that reads PDFs, which asking does not need."""
    if name == "rebuild":
        return import_module("reformqa.pipeline.rebuild").rebuild
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
