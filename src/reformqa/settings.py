"""The settings: one frozen record a stage, read from a TOML file; unknown keys are refused."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reformqa.errors import SettingsError
from reformqa.model import SectionKind

#: Looked for in the working directory when no settings file is named.
DEFAULT_FILE = Path("reformqa.toml")


class _Stage(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ReadingSettings(_Stage):
    """How corpus files are read. Only `ocr` changes what a build holds, and needs a rebuild."""

    #: A file that takes longer is given up, with the reason in the build.
    seconds: int = Field(default=60, ge=1, le=86_400)
    #: Memory that one file may take (enforced on Linux); a file that needs more is given up.
    megabytes: int = Field(default=1024, ge=128, le=1_048_576)
    #: How many files are read at a time; 0 takes every core.
    workers: int = Field(default=0, ge=0, le=256)
    #: Read pages without text by tesseract, where it is installed.
    ocr: bool = False


class PassageSettings(_Stage):
    """How paragraphs become passages. A change needs a rebuild."""

    #: Longest passage, in characters: with its context it then fits 256 word pieces.
    max_characters: int = Field(default=1000, ge=200, le=20_000)
    #: Kinds of section to search besides the report's own text ("front", "references", "licence").
    include: tuple[SectionKind, ...] = ()


class EncoderSettings(_Stage):
    """The models. A change needs a rebuild, which `reformqa rebuild` does by itself."""

    #: The packaged all-MiniLM-L6-v2, or the name or folder of a sentence-transformers model.
    model: str = "all-MiniLM-L6-v2"
    #: The name or folder of a cross-encoder that orders the best hits anew; none by default.
    reranker: str = ""


class SearchSettings(_Stage):
    """How the legs are fused. Takes effect at once."""

    #: How many passages each of BM25 and the embedding puts forward for scoring by all legs.
    candidates: int = Field(default=40, ge=10, le=10_000)
    #: The weights of the legs' scores in the sum.
    late_weight: float = Field(default=1.0, ge=0, le=10)
    embedding_weight: float = Field(default=0.5, ge=0, le=10)
    bm25_weight: float = Field(default=0.03, ge=0, le=10)
    amounts_weight: float = Field(default=0.05, ge=0, le=10)
    #: A file of everyday terms besides the packaged ones; "" for none.
    everyday: str = ""
    #: Whether a question with everyday terms is asked in the reports' words too.
    reword: bool = True
    #: How many of the best hits the reranker orders, where there is one.
    reranked: int = Field(default=30, ge=1, le=1_000)


class AnswerSettings(_Stage):
    """When to answer, and how much. Takes effect at once."""

    #: Below this cosine of question and best passage there is no answer.
    least_similarity: float = Field(default=0.35, ge=-1, le=1)
    #: How many sentences an answer has at most.
    sentences: int = Field(default=6, ge=1, le=50)
    #: How many sentences each row of a comparison quotes at most.
    sentences_per_publisher: int = Field(default=3, ge=1, le=20)


class Settings(_Stage):
    """All settings, by stage."""

    reading: ReadingSettings = ReadingSettings()
    passages: PassageSettings = PassageSettings()
    encoder: EncoderSettings = EncoderSettings()
    search: SearchSettings = SearchSettings()
    answer: AnswerSettings = AnswerSettings()

    def index_fingerprint(self) -> str:
        """A digest of what a build depends on besides corpus and models."""
        text = self.passages.model_dump_json() + f" ocr={self.reading.ocr}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def load_settings(file: Path | None = None) -> Settings:
    """The settings in `file`, or in reformqa.toml where there is one, or the defaults.

    Raises SettingsError, naming the key, for an unknown key or a value out of range.
    """
    path = file or DEFAULT_FILE
    if not path.is_file():
        if file or path.exists():
            raise SettingsError(f"There is no settings file {path}. Check the path.")
        return Settings()
    try:
        return Settings.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}.") from error
    except ValidationError as error:
        raise SettingsError(f"{path}: {explain(error)}") from error


def explain(error: ValidationError) -> str:
    """The first faults that pydantic found, a key and a reason each."""
    faults = [
        f"{'.'.join(map(str, e['loc']))}: {e['msg'].lower()} (given: {e['input']!r})"
        for e in error.errors()[:3]
    ]
    return "; ".join(faults) + ". Correct or remove the key."
