"""The settings: one frozen record a stage, read from a TOML file; unknown keys are refused."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

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
    #: The name or folder of a cross-encoder that reorders the best hits; none by default.
    reranker: str = ""
    #: Where models run: "cpu", or "cuda" if onnxruntime-gpu is installed. Needs no rebuild.
    provider: Literal["cpu", "cuda"] = "cpu"
    #: The threads that a model uses; 0 for OMP_NUM_THREADS or the cores. Needs no rebuild.
    threads: int = Field(default=0, ge=0, le=256)


class SearchSettings(_Stage):
    """How the legs are fused. Takes effect at once."""

    #: How many passages each of BM25 and the embedding puts forward for scoring by all legs.
    candidates: int = Field(default=40, ge=10, le=10_000)
    #: The weights of the legs' scores in their sum; -1 for those of the build's tuning. With
    #: others its calibration no longer fits: fit it with `reformqa evaluate --calibrate`.
    late_weight: float = Field(default=-1, ge=-1, le=10)
    embedding_weight: float = Field(default=-1, ge=-1, le=10)
    bm25_weight: float = Field(default=-1, ge=-1, le=10)
    amounts_weight: float = Field(default=-1, ge=-1, le=10)
    #: A file of everyday terms besides the packaged ones; "" for none.
    everyday: str = ""
    #: Whether a question with everyday terms is asked in the reports' words too.
    reword: bool = True
    #: How many of the best hits the reranker orders, where there is one.
    reranked: int = Field(default=30, ge=1, le=1_000)


class AnswerSettings(_Stage):
    """When to answer, and how much. Takes effect at once."""

    #: Below this confidence there is no answer; -1 for the threshold of the build's calibration.
    least_confidence: float = Field(default=-1, ge=-1, le=1)
    #: A file that `evaluate --calibrate` wrote, for the next rebuild; "" for the packaged one.
    calibration: str = ""
    #: How many sentences an answer has at most.
    sentences: int = Field(default=8, ge=1, le=50)
    #: How many sentences each row of a comparison quotes at most.
    sentences_per_publisher: int = Field(default=10, ge=1, le=20)


class LanguageModelSettings(_Stage):
    """A language model that words the answers; none by default. Takes effect at once."""

    #: The address of an OpenAI-compatible server, up to and with "/v1". Only the question and the
    #: passages found are sent there.
    base_url: str = ""
    #: The model's name at that server; "" for none.
    model: str = ""
    #: The environment variable that holds the server's key; a server without keys needs none.
    key_variable: str = "REFORMQA_LLM_KEY"
    #: How long to wait for the whole of a reply.
    seconds: int = Field(default=30, ge=1, le=600)
    #: How much the model may write, in its own tokens.
    tokens: int = Field(default=1500, ge=50, le=32_000)

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        if url and not re.fullmatch(r"https?://[\w.\-\[\]:]+(?:/[^\s@?#]*)?", url):
            raise ValueError("has to be an address like http://localhost:8000/v1, without a key")
        urlsplit(url).port  # noqa: B018 - raises ValueError where it is none
        return url

    @field_validator("key_variable")
    @classmethod
    def _is_a_name(cls, name: str) -> str:
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            raise ValueError("has to be the name of an environment variable, not the key itself")
        return name

    @field_validator("model")
    @classmethod
    def _has_a_server(cls, model: str, info: ValidationInfo) -> str:
        # The client would ask openai.com for want of an address.
        if model and not info.data.get("base_url", True):
            raise ValueError("needs llm.base_url, the address of its server")
        return model


class RebuildSettings(_Stage):
    """How a rebuild guards what is served. Takes effect at the next rebuild."""

    #: How many builds are kept, the one being served included.
    keep: int = Field(default=3, ge=1, le=100)
    #: The share of paragraphs, passages or recommendations that unchanged files may lose.
    most_lost: float = Field(default=0.1, ge=0, le=1)
    #: The share of reports that may vanish from the corpus at once.
    most_removed: float = Field(default=0.5, ge=0, le=1)
    #: How far the recall of the corpus folder's questions may fall.
    most_forgotten: float = Field(default=0.05, ge=0, le=1)


class AppSettings(_Stage):
    """What the app allows. Takes effect at once."""

    #: Reports handed in by visitors: not taken ("off"), kept in the corpus folder for the next
    #: rebuild ("wait"), or kept and rebuilt from at once ("rebuild").
    uploads: Literal["off", "wait", "rebuild"] = "off"
    #: How large a file may be.
    upload_megabytes: int = Field(default=20, ge=1, le=1_000)
    #: How many pages a PDF may have.
    upload_pages: int = Field(default=600, ge=1, le=10_000)


class FetchSettings(_Stage):
    """How `reformqa fetch` and `reformqa add` get papers. Takes effect at once."""

    #: Whom a site may write to about these visits, told with each: an e-mail or web address.
    contact: str = Field(default="", pattern=r"^[!-~ ]*$", max_length=200)
    #: Seconds between two requests to one host; more where its robots.txt asks for more.
    pause: float = Field(default=2, ge=0, le=3_600)
    #: How large a file may be.
    megabytes: int = Field(default=100, ge=1, le=1_000)
    #: How long to wait for a connection, and for the next bytes.
    connect_seconds: float = Field(default=10, gt=0, le=600)
    read_seconds: float = Field(default=30, gt=0, le=600)
    #: How long one file may take, tries and waits included; the next run goes on where it stopped.
    seconds: float = Field(default=600, gt=0, le=86_400)
    #: How often a file is asked for where its host fails or is busy.
    tries: int = Field(default=4, ge=1, le=20)
    #: How long to wait before the second try, at most; twice that before the third, and so on.
    backoff: float = Field(default=2, ge=0, le=600)
    #: The longest wait that a host is granted (Retry-After, Crawl-delay).
    longest_wait: float = Field(default=120, ge=0, le=3_600)
    #: Hosts of the own network that may be reached: "intranet", or "localhost:8000" with its port.
    private_hosts: tuple[str, ...] = ()

    @field_validator("private_hosts")
    @classmethod
    def _are_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if not re.fullmatch(r"(?:[A-Za-z0-9_.\-]+|\[[0-9a-fA-F:.]+\])(?::[0-9]+)?", host):
                raise ValueError("has to be names like intranet, or localhost:8000")
            urlsplit(f"http://{host}").port  # noqa: B018 - raises ValueError where it is none
        return hosts


class Settings(_Stage):
    """All settings, by stage."""

    reading: ReadingSettings = ReadingSettings()
    passages: PassageSettings = PassageSettings()
    encoder: EncoderSettings = EncoderSettings()
    search: SearchSettings = SearchSettings()
    answer: AnswerSettings = AnswerSettings()
    llm: LanguageModelSettings = LanguageModelSettings()
    rebuild: RebuildSettings = RebuildSettings()
    app: AppSettings = AppSettings()
    fetch: FetchSettings = FetchSettings()

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
    faults = []
    for fault in error.errors()[:3]:
        # Somebody may have put a key there.
        secret = fault["loc"][:1] == ("llm",)
        given = "" if secret else f" (given: {fault['input']!r})"
        faults.append(f"{'.'.join(map(str, fault['loc']))}: {fault['msg'].lower()}{given}")
    return "; ".join(faults) + ". Correct or remove the key."
