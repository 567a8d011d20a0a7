"""The API keeps to its own schema, whatever is sent: schemathesis, against a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import schemathesis
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from reformqa.assistants.api import REFUSALS
from reformqa.assistants.tools import TOOLS
from support.assistants import TOKEN, serving

BEARER = {"Authorization": f"Bearer {TOKEN}"}
#: A question of no words and a name of no report fit the schema, and are refused all the same.
UNFIT = ["positive_data_acceptance"]


@pytest.fixture(scope="module")
def schema(
    notes_index: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[schemathesis.BaseSchema]:
    load_all_checks()
    with serving(notes_index, tmp_path_factory.mktemp("home")) as address:
        yield schemathesis.openapi.from_url(f"{address}/api/openapi.json", headers=BEARER)


def test_the_schema_describes_every_tool_and_every_refusal(schema: schemathesis.BaseSchema):
    assert set(schema) == {f"/{name}" for name in TOOLS}
    for name in TOOLS:
        described = schema[f"/{name}"]["POST"].definition.raw
        assert described["description"] == TOOLS[name].description
        assert set(described["responses"]) == {"200", *map(str, REFUSALS)}


@pytest.mark.parametrize("name", TOOLS)
@pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.value)
def test_every_answer_is_one_that_the_schema_describes(
    schema: schemathesis.BaseSchema, name: str, mode: GenerationMode
):
    excluded = CHECKS.get_by_names(UNFIT)
    given: set[int] = set()

    @hypothesis.settings(max_examples=10, derandomize=True, deadline=None)
    @hypothesis.given(case=schema[f"/{name}"]["POST"].as_strategy(generation_mode=mode))
    def sent(case: schemathesis.Case) -> None:
        given.add(case.call_and_validate(headers=BEARER, excluded_checks=excluded).status_code)

    sent()
    assert given  # something was sent, and what was answered is among what the schema promises
    assert given <= {200, *REFUSALS}
