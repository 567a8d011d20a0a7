"""Ask think-tank reports; every sentence of an answer leads to its source paragraph."""

from reformqa.errors import (
    CallerError,
    CorpusError,
    DamagedIndexError,
    EncoderError,
    EvaluationFileError,
    MissingIndexError,
    QuestionError,
    ReformqaError,
    SettingsError,
    UnknownNameError,
    UnreadableFileError,
)
from reformqa.library import Library, Recommendations
from reformqa.model import (
    Answer,
    Build,
    Citation,
    Comparison,
    ComparisonRow,
    Hit,
    Paragraph,
    Passage,
    Place,
    Reading,
    Recommendation,
    Report,
    Section,
    Sentence,
)
from reformqa.rebuild import rebuild
from reformqa.retrieval import Hits
from reformqa.settings import Settings, load_settings

__version__ = "0.1.0"

__all__ = [
    "Answer",
    "Build",
    "CallerError",
    "Citation",
    "Comparison",
    "ComparisonRow",
    "CorpusError",
    "DamagedIndexError",
    "EncoderError",
    "EvaluationFileError",
    "Hit",
    "Hits",
    "Library",
    "MissingIndexError",
    "Paragraph",
    "Passage",
    "Place",
    "QuestionError",
    "Reading",
    "Recommendation",
    "Recommendations",
    "ReformqaError",
    "Report",
    "Section",
    "Sentence",
    "Settings",
    "SettingsError",
    "UnknownNameError",
    "UnreadableFileError",
    "__version__",
    "load_settings",
    "rebuild",
]
