"""Ask think-tank reports; every sentence of an answer leads to its source paragraph."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from reformqa.answering.concordance import Quote, Quotes, Terms
from reformqa.answering.coverage import Coverage
from reformqa.answering.editions import EditionChange, EditionChanges
from reformqa.answering.features import Features
from reformqa.answering.results import Answer, Comparison, ComparisonRow, LeftOut
from reformqa.briefing.check import QuoteCheck
from reformqa.briefing.file import read_briefing, write_briefing
from reformqa.briefing.records import Briefing, HeadingItem, NoteItem, QuoteItem
from reformqa.citations.page_image import PagePicture
from reformqa.citations.permalink import Trace
from reformqa.errors import (
    BriefingError,
    BusyIndexError,
    CallerError,
    ClusterError,
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
    UnreachableStoreError,
    UnreadableFileError,
    UnsuitableStoreError,
    UnwritableIndexError,
    UploadError,
)
from reformqa.exports.document import ExportDocument, Part, Provenance
from reformqa.library import Library, OpenParagraph
from reformqa.model import (
    Build,
    Changes,
    Citation,
    FileProblem,
    Guess,
    Hit,
    LegScore,
    Metadata,
    Paragraph,
    ParseQuality,
    Passage,
    RebuildResult,
    Recommendation,
    Region,
    Report,
    ReportInfo,
    Section,
    Sentence,
)
from reformqa.recommendations.crosswalk import Crosswalk, Group, Match, Similar
from reformqa.recommendations.listing import Recommendations
from reformqa.recommendations.themes import Theme
from reformqa.search.hits import Hits
from reformqa.search.query import Query
from reformqa.settings import Settings, load_settings
from reformqa.tuning import (
    FeatureTuning,
    Point,
    RecommendationTuning,
    Scale,
    SearchTuning,
    SelectionTuning,
    SetTuning,
    Shape,
    Tuning,
)

if TYPE_CHECKING:
    from reformqa.evaluation.history import Score
    from reformqa.pipeline.rebuild import rebuild
    from reformqa.pipeline.rollback import rollback
    from reformqa.pipeline.runs import Run
    from reformqa.pipeline.status import IndexStatus, status, verify
    from reformqa.recommendations.finding import find_recommendations

__version__ = "0.1.0"

#: Brought in on first use: they import all that reads PDFs, which asking does not need.
_LATER = {
    "IndexStatus": "reformqa.pipeline.status",
    "Run": "reformqa.pipeline.runs",
    "Score": "reformqa.evaluation.history",
    "find_recommendations": "reformqa.recommendations.finding",
    "rebuild": "reformqa.pipeline.rebuild",
    "rollback": "reformqa.pipeline.rollback",
    "status": "reformqa.pipeline.status",
    "verify": "reformqa.pipeline.status",
}

__all__ = [
    "Answer",
    "Briefing",
    "BriefingError",
    "Build",
    "BusyIndexError",
    "CallerError",
    "Changes",
    "Citation",
    "ClusterError",
    "Comparison",
    "ComparisonRow",
    "CorpusError",
    "Coverage",
    "Crosswalk",
    "DamagedIndexError",
    "EditionChange",
    "EditionChanges",
    "EncoderError",
    "EvaluationFileError",
    "ExportDocument",
    "ExportError",
    "FeatureTuning",
    "Features",
    "FetchError",
    "FetchRefusedError",
    "FileProblem",
    "GateError",
    "Group",
    "Guess",
    "HeadingItem",
    "Hit",
    "Hits",
    "IndexStatus",
    "LeftOut",
    "LegScore",
    "Library",
    "Match",
    "Metadata",
    "MissingIndexError",
    "NoteItem",
    "OpenParagraph",
    "PagePicture",
    "Paragraph",
    "ParseQuality",
    "Part",
    "Passage",
    "Point",
    "Provenance",
    "Query",
    "QuestionError",
    "Quote",
    "QuoteCheck",
    "QuoteItem",
    "Quotes",
    "RebuildResult",
    "Recommendation",
    "RecommendationTuning",
    "Recommendations",
    "ReformqaError",
    "Region",
    "RenewalError",
    "Report",
    "ReportInfo",
    "Run",
    "Scale",
    "Score",
    "SearchTuning",
    "Section",
    "SelectionTuning",
    "Sentence",
    "SetTuning",
    "Settings",
    "SettingsError",
    "Shape",
    "Similar",
    "SourceFileError",
    "StrictError",
    "Terms",
    "Theme",
    "Trace",
    "Tuning",
    "UnknownNameError",
    "UnreachableStoreError",
    "UnreadableFileError",
    "UnsuitableStoreError",
    "UnwritableIndexError",
    "UploadError",
    "__version__",
    "find_recommendations",
    "load_settings",
    "read_briefing",
    "rebuild",
    "rollback",
    "status",
    "verify",
    "write_briefing",
]


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
