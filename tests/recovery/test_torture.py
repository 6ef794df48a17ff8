"""A short torture: what `./dev torture` does for minutes, with few shoppers and some ten kills."""

import random
import signal
import subprocess
import time

from shop import Souk, binary
from torture import Torture, too_little


def test_kills_under_load_lose_double_and_oversell_nothing(tmp_path):
    wrong, figures = Torture(tmp_path / "run", seed=4, threads=12, kills_apart=(0.3, 2.2)).run(12, kills_min=8)
    assert wrong == [], figures
    assert figures["kills"] >= 8 and figures["orders"] >= 30, figures
    assert figures["looked_at"]["orders"] >= 30 and figures["left_unchecked"] == 0, figures


def test_a_torture_in_which_nothing_happened_proves_nothing():
    nothing = {"kills": 0, "orders": 0, "acknowledged_writes": 0, "left_unchecked": 1}
    assert len(list(too_little(nothing, minutes=0))) == 4
    usual = {"kills": 190, "orders": 20_000, "acknowledged_writes": 122_000, "left_unchecked": 0}
    assert list(too_little(usual, minutes=5)) == []


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
