"""A short torture: what `./dev torture` does for minutes, with few shoppers and some ten kills."""

import random
import signal
import subprocess
import time

import pytest
import torture
from shop import Souk, binary
from shoppers import kinds_of_writes
from torture import Torture


def test_kills_under_load_lose_double_and_oversell_nothing(tmp_path):
    wrong, figures = Torture(tmp_path / "run", seed=4, threads=12, kills_apart=(0.3, 2.2)).run(12, kills_min=8)
    assert wrong == [], figures
    assert figures["kills"] >= 8 and figures["orders"] >= 30, figures
    assert figures["looked_at"]["orders"] >= 30, figures
    assert list(torture.short_of(figures, 12, 12, 2.2)) == []


a_minute = {
    "kills": 20, "checks_after_restarts": 15, "orders": 4000, "acknowledged_writes": 24000, "left_unchecked": 0,
    "acknowledged": dict.fromkeys(kinds_of_writes, 100),
}  # fmt: skip
too_little = [
    {"kills": 2}, {"checks_after_restarts": 0}, {"orders": 63}, {"acknowledged_writes": 319}, {"left_unchecked": 1},
    *({"acknowledged": dict.fromkeys(set(kinds_of_writes) - {kind}, 1)} for kind in kinds_of_writes),
]  # fmt: skip


def ends_as(monkeypatch, figures, minutes=1):
    """How a torture ends that finds nothing wrong and has these figures."""
    monkeypatch.setattr(Torture, "__init__", lambda *_: None)
    monkeypatch.setattr(Torture, "run", lambda *_, **__: ([], figures))
    return torture.main(["--minutes", str(minutes)])


def test_a_torture_of_which_nothing_came_is_no_success(monkeypatch):
    nothing = dict.fromkeys(a_minute, 0) | {"acknowledged": {}}
    assert ends_as(monkeypatch, a_minute) == 0
    assert ends_as(monkeypatch, nothing, minutes=0) == 1


@pytest.mark.parametrize("less", too_little)
def test_a_torture_of_which_too_little_came_is_no_success(monkeypatch, capsys, less):
    assert ends_as(monkeypatch, a_minute | less) == 1
    assert len([line for line in capsys.readouterr().out.splitlines() if line.startswith("WRONG")]) == 1


class Aborting(Torture):
    """Its server ends by itself where it was about to be killed."""

    def kill(self):
        self.souk.process.send_signal(signal.SIGABRT)
        self.souk.process.wait(30)
        super().kill()


def test_a_server_that_ends_by_itself_is_not_taken_for_one_that_was_killed(tmp_path):
    wrong, figures = Aborting(tmp_path / "run", seed=4, threads=4, kills_apart=(0.3, 1.0)).run(2, kills_min=2)
    assert len([one for one in wrong if "ended by itself" in one]) >= 2, (wrong, figures)


def test_a_kill_at_any_moment_of_the_first_start_leaves_a_folder_that_starts(tmp_path):
    chance = random.Random(5)
    for i in range(20):
        folder = tmp_path / str(i)
        folder.mkdir()
        souk = Souk(folder)
        with open(folder / "first.txt", "wb") as log:
            first = subprocess.Popen([binary, "serve"], env=souk.environment(), stdout=log, stderr=log, cwd=folder)
            time.sleep(chance.uniform(0.0, 0.12))
            first.send_signal(signal.SIGKILL)
            first.wait()
        with souk:
            assert souk.http.get("/readyz").status_code == 200
