"""Errors say what is wrong and suggest similar names; their class sets the exit status."""

from __future__ import annotations

import pytest

from reformqa import errors
from reformqa.errors import CallerError, ReformqaError, UnknownNameError


@pytest.mark.parametrize(
    "error",
    [
        errors.UnreadableFileError,
        errors.DamagedIndexError,
        errors.EncoderError,
        errors.RenewalError,
        errors.FetchError,
        errors.FetchRefusedError,
    ],
)
def test_failed_work_has_exit_status_1(error: type[ReformqaError]):
    assert error("x").exit_code == 1


@pytest.mark.parametrize(
    "error",
    [
        errors.QuestionError,
        errors.MissingIndexError,
        errors.CorpusError,
        errors.SettingsError,
        errors.EvaluationFileError,
        errors.UploadError,
        errors.BriefingError,
    ],
)
def test_a_request_that_cannot_be_met_has_exit_status_2(error: type[CallerError]):
    assert error("x").exit_code == 2


def test_an_unknown_name_has_exit_status_2():
    assert UnknownNameError("report", "x", ()).exit_code == 2


def test_a_name_with_a_slip_gets_the_near_names():
    error = UnknownNameError("publisher", "Demoz", ["IPPR", "Demos", "Fabian Society"])
    assert error.near == ["Demos"]
    assert str(error) == "No publisher is called 'Demoz'. Did you mean Demos?"


def test_several_near_names_are_joined_by_or_nearest_first():
    error = UnknownNameError("report", "bread-on", ["bread-one", "bread-two", "zebra"])
    assert str(error) == "No report is called 'bread-on'. Did you mean bread-one or bread-two?"


def test_case_does_not_keep_a_name_from_being_near():
    assert UnknownNameError("publisher", "DEMOS", ["Demos", "IPPR"]).near == ["Demos"]


def test_a_name_like_no_other_gets_the_known_names_in_order():
    error = UnknownNameError("publisher", "qqq", ["IPPR", "Demos", "IPPR"])
    assert str(error) == "No publisher is called 'qqq'. Known: Demos, IPPR."


def test_a_long_list_of_known_names_is_cut_at_twelve():
    known = [f"{n:02}" for n in range(13)]
    error = UnknownNameError("report", "zebra", known)
    assert str(error).endswith("Known: " + ", ".join(known[:12]) + ", ….")


def test_a_search_is_advised_if_no_name_is_known():
    assert str(UnknownNameError("report", "x", ())).endswith("Search the library to find it.")
