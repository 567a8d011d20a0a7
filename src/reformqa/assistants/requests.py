"""What each tool takes. Unknown keys and wrong types are errors that name the key."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from reformqa.search.query import MAX_CHARACTERS

#: The most characters of a quote, a good page, and of an id or a permalink.
LONGEST_QUOTE, LONGEST_ID = 10_000, 1_500

Question = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MAX_CHARACTERS,
        description="A question in plain English. It may name think tanks, reports and years.",
    ),
]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_ID)]


def _listed(value: Any) -> Any:
    """Return a single name as a list of one, since assistants often give it so."""
    return [value] if isinstance(value, str) else value


_List = Annotated[list[Name], Field(max_length=50)]
Names = Annotated[_List, BeforeValidator(_listed, json_schema_input_type=Name | _List)]
Publishers = Annotated[
    Names | None,
    Field(description="Only these publishers (think tanks), by name. `reports` lists them."),
]
Reports = Annotated[
    Names | None,
    Field(description="Only the reports with these ids. `reports` lists them."),
]
Year = Annotated[int, Field(ge=1000, le=9999)]
Since = Annotated[Year | None, Field(description="Only reports published in this year or later.")]
Until = Annotated[Year | None, Field(description="Only reports published in this year or earlier.")]
Sections = Annotated[
    Names | None,
    Field(description="Only these kinds of section: summary, chapter, section, box, conclusion …"),
]
Offset = Annotated[int, Field(ge=0, le=1_000_000, description="How many to pass over.")]
ReportId = Annotated[
    str, Field(min_length=1, max_length=LONGEST_ID, description="The id of a report.")
]


class ToolRequest(BaseModel):
    """The base class of all requests."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class SearchRequest(ToolRequest):
    """Take a question and filters."""

    question: Question
    limit: Annotated[int, Field(ge=1, le=20, description="The most passages.")] = 5
    publisher: Publishers = None
    report: Reports = None
    since: Since = None
    until: Until = None
    section: Sections = None
    recommendations_only: Annotated[
        bool, Field(description="Only passages that state a recommendation.")
    ] = False


class AskRequest(ToolRequest):
    """Take a question, the one before it for a follow-up, and filters."""

    question: Question
    after: Annotated[
        Question | None,
        Field(
            description="The question before, from which a follow-up (“And IPPR?”) is completed."
        ),
    ] = None
    publisher: Publishers = None
    report: Reports = None
    since: Since = None
    until: Until = None
    section: Sections = None


class CompareRequest(ToolRequest):
    """Take a question that is put to every publisher."""

    question: Question
    report: Reports = None
    since: Since = None
    until: Until = None


class RecommendationsRequest(ToolRequest):
    """Take a topic, filters, and which part of the list is wanted."""

    about: Annotated[
        Question | None, Field(description="Only those on this topic; all without it.")
    ] = None
    containing: Annotated[
        str | None,
        Field(max_length=500, description="Only those with these words in label or text."),
    ] = None
    publisher: Publishers = None
    report: Reports = None
    since: Since = None
    until: Until = None
    limit: Annotated[int, Field(ge=1, le=20, description="The most recommendations.")] = 10
    offset: Offset = 0


class ParagraphRequest(ToolRequest):
    """Take the id of a paragraph, and how much around it is wanted."""

    paragraph: Annotated[
        str,
        Field(
            min_length=1,
            max_length=LONGEST_ID,
            description="The id of a paragraph (paragraph_id), or a permalink to one.",
        ),
    ]
    before: Annotated[int, Field(ge=0, le=10, description="Paragraphs before it.")] = 1
    after: Annotated[int, Field(ge=0, le=10, description="Paragraphs after it.")] = 1


class OutlineRequest(ToolRequest):
    """Take the id of a report, and which part of its sections is wanted."""

    report: ReportId
    limit: Annotated[int, Field(ge=1, le=300, description="The most sections.")] = 200
    offset: Offset = 0


class ReportsRequest(ToolRequest):
    """Take filters, and which part of the list is wanted."""

    publisher: Publishers = None
    since: Since = None
    until: Until = None
    limit: Annotated[int, Field(ge=1, le=100, description="The most reports.")] = 50
    offset: Offset = 0


class VerifyRequest(ToolRequest):
    """Take a quote, and where it is said to stand."""

    quote: Annotated[
        str,
        Field(min_length=1, max_length=LONGEST_QUOTE, description="The words as you would quote."),
    ]
    paragraph: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=LONGEST_ID,
            description="The id of the paragraph that is said to print it, or a permalink."
            " Without it, the whole library is looked through.",
        ),
    ] = None
    report: Reports = None
