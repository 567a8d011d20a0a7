"""`make soak` says what it ran, and fails if anything was found."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from soak.__main__ import HARNESSES, main
from soak.harness import Found, rounds
from soak.life import Life, come, papers_lost, unnamed
from soak.strangers import FILES

from reformqa.files import digest
from reformqa.model import FileProblem
from support.makers import report


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


@pytest.fixture
def life_of_two(tmp_path: Path) -> Life:
    (tmp_path / "corpus").mkdir()
    life = Life(tmp_path / "corpus", tmp_path / "index", random.Random(1), Found())
    come(life)
    come(life)
    return life


def test_a_paper_that_is_not_in_the_index_is_found_lost_unless_it_is_put_off_by_name(
    life_of_two: Life,
):
    first, second = life_of_two.papers.values()
    info = report(source=first.file.name, sha256=digest(first.file)).info
    infos = {first.file.name: info}
    (fault,) = papers_lost(life_of_two, infos, ())
    assert fault == f"a good paper is lost: {second.file.name} (not named)"
    passing = FileProblem(second.file.name, "is slow. The next rebuild reads it again.")
    assert not list(papers_lost(life_of_two, infos, (passing,)))
    (fault,) = papers_lost(life_of_two, {first.file.name: replace(info, stale="old")}, (passing,))
    assert first.file.name in fault


def test_a_file_that_nobody_names_is_found(life_of_two: Life):
    (life_of_two.corpus / "hostile-1.pdf").write_bytes(b"")
    infos = {name: report(source=name).info for name in life_of_two.papers}
    (fault,) = unnamed(life_of_two, infos, ())
    assert fault == "a file is neither in the index nor named: hostile-1.pdf"
    assert not list(unnamed(life_of_two, infos, (FileProblem("hostile-1.pdf", "is empty"),)))


@pytest.mark.parametrize("kind", list(FILES))
def test_a_case_of_a_seed_is_always_the_same_and_another_seed_draws_others(kind: str):
    texts = [FILES[kind](random.Random(seed)) for seed in ("1-7", "1-7", "2-7")]
    assert texts[0] == texts[1] != texts[2]
