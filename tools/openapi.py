#!/usr/bin/env python3
"""Writes docs/api/openapi.yaml: the route table of the souk binary, as it serves it under /openapi.json.

    tools/openapi.py BINARY
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.request

import yaml

root = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(root / "tests/support"))

from ports import free_port  # noqa: E402

target = root / "docs/api/openapi.yaml"
header = "# Rendered from the route table by tools/openapi.py; a test holds the two equal. Do not edit.\n"


def served(binary: str) -> dict:
    port = free_port()
    with tempfile.TemporaryDirectory() as data:
        process = subprocess.Popen([binary, "serve", "--data", data, "--port", str(port)], stdout=subprocess.DEVNULL)
        try:
            for _ in range(200):
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/openapi.json") as answer:
                        return json.load(answer)
                except OSError:
                    time.sleep(0.05)
            raise SystemExit("souk did not come up")
        finally:
            process.terminate()
            process.wait()


def main() -> None:
    document = served(str(pathlib.Path(sys.argv[1]).resolve()))
    target.write_text(header + yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100))


if __name__ == "__main__":
    main()
