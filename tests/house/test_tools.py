"""./dev's own arithmetic: what the closing line of a test run says is what happened."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

root = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(root / "tools"))
import lint  # noqa: E402
import run_tests as runner  # noqa: E402
import tidy  # noqa: E402

report = """<testsuite>
  <testcase name="Good" classname="a" status="run"/>
  <testcase name="Bad" classname="a" status="fail"><failure message="no"/></testcase>
  <testcase name="Broken" classname="a"><error message="no"/></testcase>
  <testcase name="Left" classname="a" status="notrun"><skipped message="why"/></testcase>
</testsuite>"""


class Counting(unittest.TestCase):
    def tally(self, text: str | None, status: int, ci: str = "") -> runner.Tally:
        with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, CI=ci):
            path = pathlib.Path(folder, "report.xml")
            if text is not None:
                path.write_text(text)
            tally = runner.Tally()
            tally.add_junit("unit", path, status)
            return tally

    def test_adds_up_each_outcome(self) -> None:
        tally = self.tally(report, 1)
        self.assertEqual((1, 2, 1), (tally.passed, tally.failed, tally.skipped))
        self.assertEqual(["unit: a Bad", "unit: a Broken"], tally.failures)

    def test_a_skip_fails_in_ci(self) -> None:
        self.assertEqual(3, self.tally(report, 1, ci="true").failed)

    def test_only_what_another_area_runs_is_left_out(self) -> None:
        """Tests on an emulator that ctest does not start, and nothing else that speaks of one."""
        case = '<testsuite><testcase name="Peer" status="{}"><system-out>set SOUK_PEER_MOTO</system-out>{}</testcase></testsuite>'
        left_out = self.tally(case.format("notrun", "<skipped/>"), 0, ci="true")
        self.assertEqual((0, 0, 0), (left_out.passed, left_out.failed, left_out.skipped))
        self.assertEqual(1, self.tally(case.format("fail", "<failure/>"), 0).failed)
        self.assertEqual(1, self.tally(case.format("run", ""), 0).passed)
        self.assertEqual(1, self.tally(case.format("run", "<skipped/>"), 0, ci="true").failed)

    def test_a_missing_or_broken_report_is_a_failure(self) -> None:
        for text in (None, "", "<testsuite>"):
            self.assertEqual(1, self.tally(text, 0).failed)

    def test_a_runner_that_died_is_a_failure_whatever_it_reported(self) -> None:
        tally = self.tally('<testsuite><testcase name="Good"/></testsuite>', 134)
        self.assertEqual((1, 1), (tally.passed, tally.failed))

    def test_names_the_tests_that_failed_once(self) -> None:
        self.assertEqual(2, self.tally(report, 8).failed)


class Runner(unittest.TestCase):
    def test_dev_refuses_what_it_does_not_know(self) -> None:
        ran = subprocess.run([root / "dev", "frobnicate"], capture_output=True, text=True)
        self.assertEqual(2, ran.returncode)
        self.assertIn("Unknown command: frobnicate", ran.stderr)

    def test_dev_helps(self) -> None:
        ran = subprocess.run([root / "dev", "help"], capture_output=True, text=True)
        self.assertEqual(0, ran.returncode)
        for command in ("run", "test", "lint", "bench", "aws"):
            self.assertIn(f"./dev {command}", ran.stdout)

    def test_ci_runs_the_readmes_test_command(self) -> None:
        self.assertIn("\n./dev test\n", (root / ".ci/run").read_text())
        self.assertIn("\n./dev test ", (root / "README.md").read_text())


class Linting(unittest.TestCase):
    """A linter that finds nothing in what is wrong has been switched off."""

    def setUp(self) -> None:
        (root / "build").mkdir(exist_ok=True)
        folder = tempfile.TemporaryDirectory(dir=root / "build")  # Where both find their settings.
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name, "wrong.cc")
        self.file.write_text('#include <cstdlib>\nint  f() {return std::atoi("x"); }\n')

    def test_clang_format_refuses_what_is_not_formatted(self) -> None:
        with mock.patch.object(lint, "formatted_files", lambda: [str(self.file)]):
            self.assertIn("code should be clang-formatted", lint.layout())

    def test_clang_tidy_refuses_a_mistake(self) -> None:
        command = f"clang++-19 -std=c++23 -c {self.file} -o {self.file}.o"
        entry = {"file": str(self.file), "directory": str(self.file.parent), "command": command}
        (self.file.parent / "compile_commands.json").write_text(json.dumps([entry]))
        elsewhere = mock.patch.object(tidy, "build", self.file.parent)
        with elsewhere, mock.patch.dict(os.environ, TIDY_CACHE=str(self.file.parent)):
            _, found = tidy.check(entry, (root / ".clang-tidy").read_text(), tidy.Hashes())
        self.assertIn("cert-err34-c", found)


class Installing(unittest.TestCase):
    def test_what_dev_asks_for_is_known(self) -> None:
        """arm64 was asked for, and no package named: the cross-build worked where somebody had installed its compiler."""
        known = {line.split()[0] for line in (root / "tools/packages.txt").read_text().splitlines() if line[:1] not in ("#", "")}
        asked = set()
        for line in (root / "dev").read_text().splitlines():
            words = line.split()
            if words[:1] == ["tools/install.sh"]:
                asked |= {word for word in words[1:] if word.isalnum()}
            if words[:1] == ["package)"]:
                asked |= set(words[words.index("build_bootstrap") + 1 : words.index(";;")])
        self.assertIn("arm64", asked)
        self.assertLessEqual(asked, known)

    def test_an_unknown_purpose_is_refused(self) -> None:
        done = subprocess.run(["tools/install.sh", "build", "nonsense"], cwd=root, capture_output=True, text=True)
        self.assertEqual(2, done.returncode)
        self.assertIn("nonsense", done.stderr)


if __name__ == "__main__":
    unittest.main()
