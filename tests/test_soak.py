"""`make soak` says what it ran, and fails if anything was found."""

from __future__ import annotations

import pytest
from soak.__main__ import HARNESSES, main
from soak.harness import Found, rounds


def finds(*faults: str):
    def run(seed: int, budget: float) -> Found:
        found = Found()
        found.outcomes[f"rounds of seed {seed}, {budget:g} s"] += 2
        for fault in faults:
            found.fault(fault)
        return found

    return run


def test_the_exit_status_and_the_last_line_tell_of_faults(capsys: pytest.CaptureFixture[str]):
    harnesses = {"sound": finds(), "broken": finds("copy 7", "copy 9")}
    assert main(["--seed", "5", "--budget", "2"], harnesses) == 1
    printed = capsys.readouterr().out
    assert "2  rounds of seed 5, 2 s" in printed
    assert "FAULT: copy 7" in printed
    assert printed.splitlines()[-1] == "soak: seed 5, sound, broken: 2 faults"


def test_what_is_named_alone_is_run_alone(capsys: pytest.CaptureFixture[str]):
    assert main(["--only", "sound"], {"sound": finds(), "broken": finds("copy 7")}) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "soak: seed 1, sound: no faults"


def test_a_harness_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        main(["--only", "knots"])
    assert ended.value.code == 2
    assert f"no harness knots: there are {', '.join(HARNESSES)}" in capsys.readouterr().err


def test_a_round_is_run_however_small_the_budget():
    assert list(rounds(0)) == [0]
