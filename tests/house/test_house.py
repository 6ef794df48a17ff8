"""The tree obeys every house rule, and every rule refuses what its fixtures break."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import rules  # noqa: E402

here = pathlib.Path(__file__).parent
fixtures = here / "fixtures"
root = here.parents[1]


class Tree(unittest.TestCase):
    """One test a rule, so that a report names the rule."""

    found = None

    @classmethod
    def setUpClass(cls) -> None:
        cls.found = rules.violations(root)


class Fixtures(unittest.TestCase):
    """Each case breaks its rule and no other, so that the rule is what refuses it."""

    def test_every_rule_has_one(self) -> None:
        self.assertEqual({*rules.rules, "allow", "accepted"}, {path.name for path in fixtures.iterdir()})


def obeys(rule: str):
    def test(self: Tree) -> None:
        bad = [f"{path}:{line}: {why}" for path, line, broken, why in self.found if broken == rule]
        self.assertEqual([], bad, f"house rule {rule}")

    return test


def refuses(case: pathlib.Path, expected: set[str]):
    def test(self: Fixtures) -> None:
        self.assertEqual(expected, {rule for _, _, rule, _ in rules.violations(case)})

    return test


for name in [*rules.rules, "allow"]:
    setattr(Tree, f"test_obeys_{name.replace('-', '_')}", obeys(name))
for path in sorted(fixtures.glob("*/*")):
    rule = path.parent.name
    expected = {"accepted": set(), "allow": {"allow"}}.get(rule, {rule})
    verb = "accepts" if rule == "accepted" else f"{rule.replace('-', '_')}_refuses"
    setattr(Fixtures, f"test_{verb}_{path.name}", refuses(path, expected))

if __name__ == "__main__":
    unittest.main()
