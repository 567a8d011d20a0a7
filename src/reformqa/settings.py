"""The settings: a frozen record for each stage, read from a TOML file without unknown keys."""

from __future__ import annotations

import hashlib
import re
import reprlib
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal
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
from reformqa.formats import parse_toml
from reformqa.model import SectionKind

#: Read from the working directory if no settings file is named.
DEFAULT_FILE = Path("reformqa.toml")
#: How a wrong value is shown: it may be long, or nested deeply.
_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 80


class _Stage(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ReadingSettings(_Stage):
    """How corpus files are read. Only `ocr` changes what a build contains, and needs a rebuild."""

    #: Processor seconds to read one file, tesseract's included (counted on Linux only); a file that
    #: takes longer is left out, and the build says why. A busy machine does not count.
    seconds: int = Field(default=60, ge=1, le=86_400)
    #: Seconds by the clock after which the reader of a file is taken to be stuck; 0 for ten times
    #: `seconds`, and at least ten minutes.
    stuck_seconds: int = Field(default=0, ge=0, le=604_800)
    #: Memory to read one file (enforced on Linux only); a file that needs more is left out.
    megabytes: int = Field(default=1024, ge=128, le=1_048_576)
    #: Files read at a time; 0 for one on each processor that the process may use, as far as their
    #: `megabytes` fit into the memory of its unit or container.
    workers: int = Field(default=0, ge=0, le=256)
    #: Whether to read pages without text with tesseract, if it is installed.
    ocr: bool = False

    @property
    def clock_seconds(self) -> int:
        """The seconds by the clock after which a reader is taken to be stuck."""
        return self.stuck_seconds or max(10 * self.seconds, 600)


class DrawingSettings(_Stage):
    """What may be spent on a page to draw, or on a new PDF to check. Takes effect at once.

    Each is done in a process of its own, so that the app and a fetch survive any file.
    """

    #: Processor seconds (counted on Linux only).
    seconds: int = Field(default=10, ge=1, le=3_600)
    #: Seconds by the clock, after which the process is taken to be stuck.
    stuck_seconds: int = Field(default=120, ge=1, le=36_000)
    #: Memory (enforced on Linux only).
    megabytes: int = Field(default=512, ge=128, le=1_048_576)

    @property
    def clock_seconds(self) -> int:
        """The seconds by the clock after which the process is taken to be stuck."""
        return self.stuck_seconds


class PassageSettings(_Stage):
    """How paragraphs become passages. A change needs a rebuild."""

    #: Characters in the longest passage: with its context it then fits 256 word pieces.
    max_characters: int = Field(default=1000, ge=200, le=20_000)
    #: Kinds of section to search besides the report's own text ("front", "references", "licence").
    include: tuple[SectionKind, ...] = ()


class EncoderSettings(_Stage):
    """The models. A change needs a rebuild, which `reformqa rebuild` does by itself."""

    #: The packaged models to encode with: two that find more ("best"), or one of them in half the
    #: time ("fast").
    quality: Literal["best", "fast"] = "best"
    #: Another model of passages: a packaged one's name, or the name or folder of a
    #: sentence-transformers model; "" for that of `quality`.
    model: str = ""
    #: Another model of their words; "" for that of `quality`, or for `model` if that is set.
    tokens: str = ""
    #: The name or folder of a cross-encoder that reorders the best hits; "" for none.
    reranker: str = ""
    #: Where models run: "cpu", or "cuda" if onnxruntime-gpu is installed. Takes effect at once.
    provider: Literal["cpu", "cuda"] = "cpu"
    #: Threads of a model; 0 for OMP_NUM_THREADS, or else the cores. Takes effect at once.
    threads: int = Field(default=0, ge=0, le=256)


class SearchSettings(_Stage):
    """How passages are found and scored. Takes effect at once."""

    #: Passages that BM25 and the embedding each put forward to be scored by every method.
    candidates: int = Field(default=40, ge=10, le=10_000)
    #: The weights of the methods' scores in their sum; -1 for those of the build's tuning. Other
    #: weights need another calibration: fit it with `reformqa evaluate --calibrate`.
    late_weight: float = Field(default=-1, ge=-1, le=10)
    rare_weight: float = Field(default=-1, ge=-1, le=10)
    embedding_weight: float = Field(default=-1, ge=-1, le=10)
    bm25_weight: float = Field(default=-1, ge=-1, le=10)
    amounts_weight: float = Field(default=-1, ge=-1, le=10)
    #: A file of everyday terms, in addition to the packaged ones; "" for none.
    everyday: str = ""
    #: Whether a question with everyday terms is also asked in the reports' words.
    reword: bool = True
    #: The best hits that the reranker orders, if one is set.
    reranked: int = Field(default=30, ge=1, le=1_000)

    @field_validator(
        "late_weight", "rare_weight", "embedding_weight", "bm25_weight", "amounts_weight"
    )
    @classmethod
    def _is_a_weight(cls, weight: float) -> float:
        if weight < 0 and weight != -1:
            raise ValueError("has to be 0 or more, or -1 for the weight of the build's tuning")
        return weight


class AnswerSettings(_Stage):
    """When to answer, and at what length. Takes effect at once, except `calibration`."""

    #: The least confidence of an answer; -1 for the threshold of the build's calibration.
    least_confidence: float = Field(default=-1, ge=-1, le=1)
    #: A file written by `evaluate --calibrate`, for the next rebuild; "" for the packaged one.
    calibration: str = ""
    #: The most sentences of an answer. The next best are kept aside, as `more`.
    sentences: int = Field(default=3, ge=1, le=50)
    #: The most sentences in a row of a comparison.
    sentences_per_publisher: int = Field(default=6, ge=1, le=20)


class LanguageModelSettings(_Stage):
    """A language model that rephrases answers; none by default. Takes effect at once."""

    #: The address of an OpenAI-compatible server, including "/v1". Only the question and the
    #: passages found are sent there.
    base_url: str = ""
    #: The model's name at that server; "" for none.
    model: str = ""
    #: The environment variable with the server's key, if the server needs one.
    key_variable: str = "REFORMQA_LLM_KEY"
    #: Seconds to wait for a complete reply.
    seconds: int = Field(default=30, ge=1, le=600)
    #: The most tokens that the model may write.
    tokens: int = Field(default=1500, ge=50, le=32_000)

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        form = r"https?://[\w.\-\[\]:]+(?:/[^\s@?#]*)?"
        return _address(url, form, "http://localhost:8000/v1, without a key")

    @field_validator("key_variable")
    @classmethod
    def _is_a_name(cls, name: str) -> str:
        return _variable(name, "key")

    @field_validator("model")
    @classmethod
    def _has_a_server(cls, model: str, info: ValidationInfo) -> str:
        # Without an address, the client would send questions to openai.com.
        if model and not info.data.get("base_url", True):
            raise ValueError("needs llm.base_url, the address of its server")
        return model


def _address(url: str, form: str, example: str) -> str:
    """Return the address, which may be empty. Raises ValueError if it has not the form."""
    if url and not re.fullmatch(form, url):
        raise ValueError(f"must be an address like {example}")
    urlsplit(url).port  # noqa: B018 - raises ValueError for an invalid port
    return url


def _variable(name: str, secret: str) -> str:
    if not re.fullmatch(r"[A-Za-z_]\w*", name):
        raise ValueError(f"must be the name of an environment variable, not the {secret} itself")
    return name


class StorageSettings(_Stage):
    """Where the index is kept: in its folder, or on a Milvus server. Takes effect at once."""

    #: The address of a Milvus server, "http://host:19530", or "https://…" for TLS; "" for none.
    url: str = ""
    #: The name of the library on the server: collections and aliases begin with it.
    library: str = Field(default="reformqa", pattern=r"^[a-z][a-z0-9_]{0,39}$")
    #: The database on the server; "" for its default.
    database: str = Field(default="", max_length=255)
    #: The environment variable with the server's token ("user:password"), if it needs one.
    token_variable: str = "REFORMQA_MILVUS_TOKEN"
    #: A file with the certificate of the authority that signed the server's; "" for the system's.
    certificate: str = ""
    #: Seconds to wait for a reply; lost connections are tried again until then.
    seconds: float = Field(default=10, ge=0.5, le=600)

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        form = r"https?://(?:[\w.\-]+|\[[0-9a-fA-F:.]+\])(?::\d+)?/?"
        return _address(url, form, "http://localhost:19530, without a password")

    @field_validator("token_variable")
    @classmethod
    def _is_a_name(cls, name: str) -> str:
        return _variable(name, "token")


class BuildSettings(_Stage):
    """Where a rebuild reads files and encodes passages. Takes effect at the next rebuild."""

    #: The address of the head of a Ray cluster, "host:6379".
    address: str = ""
    #: "local" for processes of this machine, "ray" for the nodes of the cluster.
    engine: Literal["local", "ray"] = "local"
    #: Seconds without an answer after which a task is given to another node too.
    ask_again_seconds: int = Field(default=60, ge=1, le=86_400)

    @field_validator("address")
    @classmethod
    def _is_an_address(cls, address: str) -> str:
        if address and not re.fullmatch(r"(?:[\w.\-]+|\[[0-9a-fA-F:.]+\]):\d{1,5}", address):
            raise ValueError("must be a host and a port, like head.example.org:6379")
        urlsplit(f"//{address}").port  # noqa: B018 - raises ValueError for an invalid port
        return address

    @field_validator("engine")
    @classmethod
    def _has_an_address(cls, engine: str, info: ValidationInfo) -> str:
        if engine == "ray" and not info.data.get("address", True):
            raise ValueError("needs build.address, the address of the cluster's head")
        return engine


class RebuildSettings(_Stage):
    """How a rebuild protects the served build. Takes effect at the next rebuild."""

    #: Builds to keep, including the one being served.
    keep: int = Field(default=3, ge=1, le=100)
    #: Hours for which a build is kept besides after another took its place, for readers on other
    #: machines that have its files open: 24 if several machines serve from a network folder.
    grace_hours: float = Field(default=0, ge=0, le=10_000)
    #: The share of paragraphs, passages or recommendations that unchanged files may lose.
    most_lost: float = Field(default=0.1, ge=0, le=1)
    #: The share of reports that may vanish from the corpus at once.
    most_removed: float = Field(default=0.5, ge=0, le=1)
    #: How far the recall on the corpus folder's questions may fall.
    most_forgotten: float = Field(default=0.05, ge=0, le=1)


class AppSettings(_Stage):
    """Who may enter the app, and what visitors may add and correct. Takes effect at once."""

    #: Whether visitors sign in: as .streamlit/secrets.toml says ("auto": without that file,
    #: everybody may enter), or always ("required": without it, nobody may).
    sign_in: Literal["auto", "required"] = "auto"
    #: The file with the secrets of the sign-in, if it is not .streamlit/secrets.toml beside app.py:
    #: one that all replicas of the app share. Sign-in is then required.
    secrets: str = ""
    #: The days after which a visitor has to sign in again.
    sign_in_days: int = Field(default=30, ge=1, le=30)
    #: The address at which people open the app: permalinks begin with it.
    address: str = "http://localhost:8501"
    #: Whether visitors may upload reports: not at all ("off"), into the corpus folder for the next
    #: rebuild ("wait"), or with a rebuild at once ("rebuild").
    uploads: Literal["off", "wait", "rebuild"] = "off"
    #: Where uploads wait for the rebuild that takes them into the corpus: a folder, or the address
    #: of an object store, "s3://bucket/folder". "" is the corpus folder itself.
    upload_folder: str = ""
    #: The size of the largest file.
    upload_megabytes: int = Field(default=20, ge=1, le=1_000)
    #: The most files that a visitor may send in a day. Who enters without signing in shares one
    #: account with all others.
    uploads_a_day: int = Field(default=20, ge=1, le=100_000)
    #: The most pages of a PDF.
    upload_pages: int = Field(default=600, ge=1, le=10_000)
    #: Whether visitors may correct the facts of a report (title, publisher, …) in the catalogue,
    #: for the next rebuild.
    corrections: bool = False
    #: The folder in which the briefings of people who sign in are kept, if the app may write there.
    #: "" is the index folder.
    briefings: str = ""

    @property
    def needs_sign_in(self) -> bool:
        """Whether nobody may enter without signing in, not even if there is no file of secrets."""
        return self.sign_in == "required" or bool(self.secrets)

    @field_validator("address")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        if not re.fullmatch(r"https?://[\w.\-\[\]:]+(?:/[^\s?#]*)?", url):
            raise ValueError("must be an address like https://reports.example.org")
        urlsplit(url).port  # noqa: B018 - raises ValueError for an invalid port
        return url


class ApiSettings(_Stage):
    """Who may use `reformqa api`, and how much. Takes effect when it is started."""

    #: The environment variable with the token that programs send, and the file with one or more of
    #: them, one a line; either may be left out.
    token_variable: str = "REFORMQA_TOKEN"
    token_file: str = ""
    #: The names under which it is reached, besides those of this machine: "reports.example.org".
    hosts: tuple[str, ...] = ()
    #: The requests that each token may make in a minute, and each address without the right one.
    requests_a_minute: int = Field(default=120, ge=1, le=1_000_000)

    @field_validator("token_variable")
    @classmethod
    def _is_a_name(cls, name: str) -> str:
        return _variable(name, "token")

    @field_validator("hosts")
    @classmethod
    def _are_names(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        if not all(re.fullmatch(r"[A-Za-z0-9.\-]+|\[[0-9a-fA-F:.]+\]", h) for h in hosts):
            raise ValueError("must be names like reports.example.org, without a port")
        return hosts


class FetchSettings(_Stage):
    """How `reformqa fetch` and `reformqa add` download papers. Takes effect at once."""

    #: Whom a site may contact about the requests, sent with each: an e-mail or web address.
    contact: str = Field(default="", pattern=r"^[!-~ ]*$", max_length=200)
    #: Seconds between two requests to a host; more if its robots.txt asks for more.
    pause: float = Field(default=2, ge=0, le=3_600)
    #: The size of the largest file.
    megabytes: int = Field(default=100, ge=1, le=1_000)
    #: Seconds to wait for a connection, and for more bytes.
    connect_seconds: float = Field(default=10, gt=0, le=600)
    read_seconds: float = Field(default=30, gt=0, le=600)
    #: Seconds for one paper, with all tries, waits and checks; the next run resumes a partial file.
    seconds: float = Field(default=600, gt=0, le=86_400)
    #: How often a file is requested if its host fails or is busy.
    tries: int = Field(default=4, ge=1, le=20)
    #: The most seconds to wait before the second try; twice as many before the third, and so on.
    backoff: float = Field(default=2, ge=0, le=600)
    #: The longest wait that a host may ask for (Retry-After, Crawl-delay), in seconds.
    longest_wait: float = Field(default=120, ge=0, le=3_600)
    #: Hosts in private networks that may be reached: "intranet", or "localhost:8000" with a port.
    private_hosts: tuple[str, ...] = ()

    @field_validator("private_hosts")
    @classmethod
    def _are_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if not re.fullmatch(r"(?:[A-Za-z0-9_.\-]+|\[[0-9a-fA-F:.]+\])(?::[0-9]+)?", host):
                raise ValueError("must be host names like intranet or localhost:8000")
            urlsplit(f"http://{host}").port  # noqa: B018 - raises ValueError for an invalid port
        return hosts


class Settings(_Stage):
    """All settings, by stage."""

    reading: ReadingSettings = ReadingSettings()
    drawing: DrawingSettings = DrawingSettings()
    passages: PassageSettings = PassageSettings()
    encoder: EncoderSettings = EncoderSettings()
    search: SearchSettings = SearchSettings()
    answer: AnswerSettings = AnswerSettings()
    llm: LanguageModelSettings = LanguageModelSettings()
    storage: StorageSettings = StorageSettings()
    build: BuildSettings = BuildSettings()
    rebuild: RebuildSettings = RebuildSettings()
    app: AppSettings = AppSettings()
    api: ApiSettings = ApiSettings()
    fetch: FetchSettings = FetchSettings()

    def index_fingerprint(self) -> str:
        """Return a digest of the settings that a build depends on, other than its models."""
        text = self.passages.model_dump_json() + f" ocr={self.reading.ocr}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def load_settings(file: Path | None = None) -> Settings:
    """Return the settings in `file`, or in reformqa.toml if it exists, or the defaults.

    Raises SettingsError if the file is missing or invalid; for an unknown key or a value out of
    range, the message names the key.
    """
    path = file or DEFAULT_FILE
    if not path.is_file():
        if file or path.exists():
            raise SettingsError(f"There is no settings file {path}. Check the path.")
        return Settings()
    try:
        return Settings.model_validate(parse_toml(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}.") from error
    except ValidationError as error:
        raise SettingsError(f"{path}: {explain(error)}") from error


def explain(error: ValidationError) -> str:
    """Return the first errors that pydantic found, each with its key and reason."""
    return explain_faults(error.errors())


def explain_faults(found: Sequence[Mapping[str, Any]]) -> str:
    """Return the first of the errors that pydantic lists, each with its key and reason."""
    faults = []
    for fault in found[:3]:
        # The value may be a secret key or token, put in the wrong place.
        secret = fault["loc"][:1] in (("llm",), ("api",), ("storage",))
        given = "" if secret else f" (given: {_SHORT.repr(fault['input'])})"
        faults.append(f"{'.'.join(map(str, fault['loc']))}: {fault['msg'].lower()}{given}")
    return "; ".join(faults) + ". Correct or remove the key."
