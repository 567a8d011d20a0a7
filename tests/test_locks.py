"""Locks of a folder that machines share: another machine is one without our kernel's locks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from filelock import Timeout

from reformqa.locks import held, is_held

#: Seconds of silence after which these tests take a lease over.
LEASE = 3.0
#: A process with another machine's name, for which the kernel's locks of the folder do not count.
ELSEWHERE = """
import fcntl, socket, sys
socket.gethostname = lambda: "elsewhere"
fcntl.flock = lambda *_: None
from pathlib import Path
from reformqa.locks import held
"""
HOLDER = """
with held(Path(sys.argv[1]), 1, float(sys.argv[2])) as lock:
    print("held", flush=True)
    sys.stdin.readline()
    print(lock.is_held(), flush=True)
"""
#: Enters and leaves again and again; counts those who are inside together.
WORKER = """
import random, time
from contextlib import suppress
from filelock import Timeout
done = 0
while done < 5:
    with suppress(Timeout), held(Path(sys.argv[1]), 1, float(sys.argv[2])):
        inside = Path(sys.argv[1] + ".inside")
        inside.touch(exist_ok=False)
        time.sleep(random.random() / 50)
        inside.unlink()
        done += 1
"""


def elsewhere(script: str, file: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", ELSEWHERE + script, str(file), str(LEASE)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "lock"


def holder(file: Path) -> subprocess.Popen[str]:
    process = elsewhere(HOLDER, file)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_another_machine_that_lives_is_waited_for_in_vain(file: Path):
    with holder(file) as other:
        with pytest.raises(Timeout), held(file, 1, LEASE):
            pass
        assert is_held(file, LEASE)
        assert other.communicate("\n")[0] == "True\n"
    assert not is_held(file, LEASE)
    with held(file, 1, LEASE) as lock:
        assert lock.is_held()


def test_another_machine_that_died_is_followed(file: Path):
    with holder(file) as other:
        other.kill()
    assert is_held(file, LEASE)  # for all that is known yet
    with held(file, 1, LEASE) as lock:
        assert lock.is_held()
    assert not is_held(file, LEASE)


def test_who_was_silent_for_too_long_knows_that_it_holds_nothing(file: Path):
    with holder(file) as other:
        other.send_signal(signal.SIGSTOP)
        with held(file, 1, LEASE) as lock:
            other.send_signal(signal.SIGCONT)
            assert other.communicate("\n")[0] == "False\n"
            assert lock.is_held()  # the other took nothing along when it left


def test_a_machine_that_died_long_ago_is_not_at_work(file: Path):
    with holder(file) as other:
        other.kill()
    long_ago = time.time() - 86_400
    os.utime(f"{file}.lease", (long_ago, long_ago))
    assert not is_held(file, LEASE)


def test_no_two_machines_are_inside_at_a_time(file: Path):
    workers = [elsewhere(WORKER, file) for _ in range(3)]
    for worker in workers:
        worker.communicate()
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    assert not file.with_name("lock.inside").exists()
