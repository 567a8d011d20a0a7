"""Sentences are handed over as soon as they have passed the checks, and never before."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import pytest

from reformqa import Answer, Sentence
from reformqa.answering.generation import rephrase
from reformqa.citations.verify import cite
from reformqa.settings import LanguageModelSettings
from support.llm_server import (
    DONE,
    Behaviour,
    ModelServer,
    drips,
    event,
    proposal,
    proposes,
    sends,
    serving,
    streams,
)
from support.makers import paragraph, report

PARAGRAPHS = (
    paragraph(
        "Every town should lend its cold ovens to people who learn the trade. In 2014 the “ovens”"
        " of Harbour Town cost £41 million.",
        id="loaves-1",
        report_id="loaves",
    ),
)
REPORTS = {"loaves": report(id="loaves", title="Bread in Towns", publisher="Bakers Guild")}
SAID = "In 2014 the “ovens” of Harbour Town cost £41 million."
PRINTED = Answer(
    "What of ovens?", (Sentence(SAID, (cite(SAID, PARAGRAPHS[0], REPORTS["loaves"]),)),)
)
LENDING = ("Every town should lend its ovens.", (1, "Every town should lend its cold ovens"))
COST = ("The “ovens” of Harbour Town cost £41m.", (1, "of Harbour Town cost £41 million"))
FALSE = ("Every town should sell its ovens.", (1, "Every town should sell its ovens"))
BROKE_OFF = "broke off its reply. Try again, or check its log."
WORDED = "Worded by the language model small."


@pytest.fixture
def server():
    with serving() as running:
        yield running


def chosen(server: ModelServer) -> LanguageModelSettings:
    return LanguageModelSettings(base_url=server.url, model="small", seconds=20)


def heard_from(server: ModelServer, behaviour: Behaviour) -> tuple[list[str], Answer]:
    """What was handed over, and the answer."""
    server.behaviour, heard = behaviour, list[Sentence]()
    answer = rephrase(PRINTED, PARAGRAPHS, REPORTS, chosen(server), heard.append)
    return [s.text for s in heard], answer


def written(*sentences: object) -> list[bytes]:
    """Events with a proposal, cut where each sentence ends."""
    whole = proposal(*sentences)
    own = [proposal(s)[len('{"sentences": [') : -len("]}")] for s in sentences]
    ends = [whole.index(text) + len(text) for text in own]
    cuts = zip([0, *ends], [*ends, len(whole)], strict=True)
    return [event({"content": whole[start:end]}) for start, end in cuts]


END = (event({}, "stop"), DONE)


def test_a_sentence_is_handed_over_before_the_next_is_written(server: ModelServer):
    go_on = {LENDING[0]: threading.Event(), COST[0]: threading.Event()}
    first, refused, last, rest = written(LENDING, FALSE, COST)
    server.behaviour = streams(first, go_on[LENDING[0]], refused, last, go_on[COST[0]], rest, *END)
    # The server writes on when a sentence has been heard: late ones would never come.
    answer = rephrase(PRINTED, PARAGRAPHS, REPORTS, chosen(server), lambda s: go_on[s.text].set())
    server.behaviour = proposes(LENDING, FALSE, COST)
    assert answer == rephrase(PRINTED, PARAGRAPHS, REPORTS, chosen(server))
    assert [s.text for s in answer.sentences] == [LENDING[0], COST[0]]
    assert [o.text for o in answer.left_out] == [FALSE[0]]


@pytest.mark.parametrize(
    ("after", "ends", "happened"),
    [
        ((), False, BROKE_OFF),
        ((), True, BROKE_OFF),
        ((b'data: {"error": {"message": "sk-secret"}}\n\n',), True, "failed during its reply."),
        ((b'data: {"choi',), True, BROKE_OFF),
        ((b"data: <html>\n\n",), True, "is not that of a language model."),
        ((event({}, "content_filter"), DONE), True, "declined to answer."),
        ((event({}, "length"), DONE), True, "was cut off. Increase llm.tokens."),
        ((event({"content": " Or so."}), *END), True, "is not in the form asked for."),
    ],
)
def test_a_stream_that_fails_later_leaves_the_reports_words(
    server: ModelServer, after: tuple[bytes, ...], ends: bool, happened: str
):
    text = proposal(LENDING, FALSE)
    said = [event({"content": text[start : start + 20]}) for start in range(0, len(text) - 40, 20)]
    heard, answer = heard_from(server, streams(*said, *after, ends=ends))
    assert heard == [LENDING[0]]
    note = str(answer.note)
    assert answer == replace(PRINTED, note=note)
    assert happened in note
    assert "secret" not in note


def test_what_fails_a_check_is_never_handed_over(server: ModelServer):
    heard, answer = heard_from(server, streams(*written(FALSE, LENDING), *END))
    assert heard == [LENDING[0]]
    heard, answer = heard_from(server, streams(*written(FALSE), *END))
    assert heard == []
    assert answer.sentences == PRINTED.sentences


def test_a_list_in_the_reasoning_is_none(server: ModelServer):
    thought = event({"content": "<think>Say " + proposal(LENDING) + "?</thi"})
    closed = event({"content": "nk>"})
    heard, answer = heard_from(server, streams(thought, closed, *written(COST), *END))
    assert heard == [s.text for s in answer.sentences] == [COST[0]]


def test_the_pieces_may_be_cut_anywhere(server: ModelServer):
    told = b": hello\r\n\r\nevent: message\r\n" + b"".join([*written(LENDING, COST), *END])
    told = told.replace(b"\n\n", b"\r\n\r\n")
    single = [told[n : n + 1] for n in range(len(told))]
    heard, answer = heard_from(server, streams(*single))
    assert heard == [s.text for s in answer.sentences] == [LENDING[0], COST[0]]


@pytest.mark.parametrize("end", [(event({}, "stop"),), (DONE,)])
def test_a_stream_may_end_with_a_reason_or_a_mark(server: ModelServer, end: tuple[bytes, ...]):
    heard, answer = heard_from(server, streams(*written(LENDING), *end))
    assert heard == [LENDING[0]]
    assert str(answer.note).startswith(WORDED)


def test_nothing_is_waited_for_after_the_end(server: ModelServer):
    never = threading.Event()
    _, answer = heard_from(server, streams(*written(LENDING), *END, never))
    assert str(answer.note).startswith(WORDED)  # and not that it was late


def test_a_server_without_streams_replies_in_one_piece(server: ModelServer):
    body = json.dumps({"choices": [{"message": {"content": proposal(LENDING)}}]}, indent=1)
    heard, answer = heard_from(server, sends(body.encode()))
    assert (heard, [s.text for s in answer.sentences]) == ([], [LENDING[0]])


def test_a_listener_that_fails_ends_the_request(server: ModelServer):
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
    server.behaviour = drips(head + written(LENDING)[0], b": still here\n\n")

    def leave(_: Sentence) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rephrase(PRINTED, PARAGRAPHS, REPORTS, chosen(server), leave)
    assert server.left.wait(3)  # the connection is closed
