"""What is promised of the figures: a run that misses a promise says so, and fails."""

import operator

compares = {"≤": operator.le, "≥": operator.ge}


class Targets:
    """Judges figures as they are measured, and remembers those that miss."""

    def __init__(self):
        self.missed = []

    def judge(self, what, value, target):
        """`target` is e.g. "≤ 1.3". Answers with how it was met, for a table's cell."""
        sign, bound = target.split()
        if compares[sign](value, float(bound)):
            return f"{target}: met"
        self.missed.append(f"{what} is {value:.3g}, wanted {target}")
        return f"{target}: **missed**"

    def verdict(self):
        """The program's exit code, told in words."""
        print("\nevery target was met" if not self.missed else "\n" + "\n".join(f"missed: {each}" for each in self.missed))
        return 1 if self.missed else 0
