#!/usr/bin/env python3
"""What is said about the code without running it: house rules, format, clang-tidy.

    tools/lint.py            check everything
    tools/lint.py --fix      first format what is not formatted
"""

import pathlib
import subprocess
import sys

import tidy

root = pathlib.Path(__file__).resolve().parent.parent
fixtures = root / "tests/house/fixtures"
format_command = "clang-format-19"


def formatted_files() -> list[str]:
    return [
        str(path)
        for folder in ("src", "tests", "bench")
        for pattern in ("*.h", "*.cc")
        for path in sorted((root / folder).rglob(pattern))
        if fixtures not in path.parents and not {".venv", "node_modules"} & set(path.parts)
    ]


def house() -> str:
    """The house rules' findings, empty if there are none."""
    ran = subprocess.run([sys.executable, root / "tests/house/rules.py"], capture_output=True, text=True)
    return "" if ran.returncode == 0 else ran.stdout + ran.stderr


def layout() -> str:
    ran = subprocess.run(
        [format_command, "--dry-run", "-Werror", *formatted_files()], capture_output=True, text=True
    )
    return ran.stderr.replace(str(root) + "/", "")


def fix() -> None:
    subprocess.run([format_command, "-i", *formatted_files()], check=True)


def tidiness() -> str:
    return "\n".join(text.strip() for text in tidy.findings([]).values() if text)


checks = {"house rules": house, "clang-format": layout, "clang-tidy": tidiness}

if __name__ == "__main__":
    if sys.argv[1:] not in ([], ["--fix"]):
        sys.exit(__doc__)
    if sys.argv[1:]:
        fix()
    failed = 0
    for name, check in checks.items():
        found = check()
        print(found.strip() or f"{name}: clean", flush=True)
        failed += bool(found)
    sys.exit(1 if failed else 0)
