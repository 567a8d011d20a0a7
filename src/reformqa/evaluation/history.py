"""Scores over time: index/scores.jsonl has a line for each recorded evaluation.

The file is beside the builds and outlives them; recording changes no build.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from reformqa.errors import ExportError
from reformqa.evaluation.metrics import Evaluation, read_lines

FILE = "scores.jsonl"

_Share = Annotated[float, Field(ge=0, le=1)]


class Score(BaseModel):
    """The scores of a build's search on files of questions; means over facts, 0 to 1.

    `when` has the form "2026-11-21T20:56:00+00:00". `files` are names without folders, `facts` the
    number of facts that the questions ask for, `recall_1000_words` the recall within a thousand
    words of hits.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    when: str = Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d")
    build: str
    files: tuple[str, ...]
    questions: int = Field(ge=1)
    facts: int = Field(ge=1)
    recall_at_5: _Share
    recall_at_10: _Share
    mrr: _Share
    recall_1000_words: _Share

    @classmethod
    def of(cls, result: Evaluation, build: str, files: Sequence[Path]) -> Self:
        """Return the score of an evaluation of that build, made just now."""
        scores = result.overall
        return cls(
            when=datetime.now(UTC).isoformat(timespec="seconds"),
            build=build,
            files=tuple(file.name for file in files),
            questions=scores.questions,
            facts=scores.facts,
            recall_at_5=round(scores.recall_at[5], 4),
            recall_at_10=round(scores.recall_at[10], 4),
            mrr=round(scores.mrr, 4),
            recall_1000_words=round(scores.recall_within_words[1000], 4),
        )

    def __str__(self) -> str:
        return (
            f"{self.when[:10]}, build {self.build}: recall@5 {self.recall_at_5:.3f}, recall@10"
            f" {self.recall_at_10:.3f}, MRR {self.mrr:.3f} on {self.questions} questions"
            f" ({', '.join(self.files)})"
        )


def record_score(index: Path, score: Score) -> None:
    """Add a line to the index's scores. Raises ExportError if the file cannot be written."""
    line = score.model_dump_json().encode() + b"\n"
    try:
        with (index / FILE).open("a+b") as file:
            if file.seek(0, 2):
                file.seek(-1, 2)
                if file.read(1) != b"\n":  # cut short by a full disk: only that line is lost
                    line = b"\n" + line
            file.write(line)
    except OSError as error:
        raise ExportError(
            f"{index / FILE} cannot be written: {error.strerror}. No score was recorded."
        ) from error


def read_scores(index: Path) -> tuple[Score, ...]:
    """Return the recorded scores, oldest first.

    Raises EvaluationFileError, naming the line, if one is not a score.
    """
    file = index / FILE
    return tuple(read_lines([file], Score)) if file.exists() else ()
