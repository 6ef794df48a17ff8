#!/usr/bin/env python3
"""The AWS home without AWS: packages it, rehearses its deployment, tests it. `./dev aws` calls this.

    tools/aws.py package [STAGE]     zips of the Lambda binaries that are built, each started once, and every service's template
                                     (default: dev)
    tools/aws.py rehearse            deploys all services on an emulator and runs the scenarios there
    tools/aws.py test [pytest's words]   everything under tests/aws
"""

import os
import pathlib
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(root / "tests/aws"), str(root / "tools")]

import first_start  # noqa: E402
import package_lambda  # noqa: E402
import peer_install  # noqa: E402
import stacks  # noqa: E402

binaries = {
    "x86_64": "build/lambda/src/apps/bootstrap/bootstrap",
    "arm64": "build/lambda-arm64/src/apps/bootstrap/bootstrap",
}


def pack() -> list[str]:
    """The architectures whose zip there is now."""
    built = {name: root / path for name, path in binaries.items() if (root / path).exists()}
    if built:
        package_lambda.main([f"{name}={path}" for name, path in built.items()])
    for name in built:
        start(name)
    for name in binaries.keys() - built.keys():
        print(f"{name}: {binaries[name]} is not built")
    return [name for name in binaries if (package_lambda.target / name / "souk.zip").exists()]


def start(architecture: str) -> None:
    """What was packed, as far as its first request for an event: no test but this runs the binary for arm64."""
    try:
        first_start.start(package_lambda.target / architecture / "souk.zip", architecture)
    except (AssertionError, first_start.NotPossible) as problem:
        raise SystemExit(f"{architecture}: the binary does not start. {problem}") from None
    print(f"{architecture}: starts, and asks for its first event")


def package(stage: str = "dev") -> None:
    """Templates go to build/aws/STAGE; deploy/aws stays as it is."""
    packed = pack()
    if not packed:
        raise SystemExit("There is no Lambda binary: ./dev aws package builds it.")
    peer_install.install_node()
    peer_install.install_python()
    target = root / "build/aws" / stage
    subprocess.run(["rm", "-rf", target], check=True)
    target.mkdir(parents=True)
    folder = stacks.copied(target)
    architecture = os.environ.get("SOUK_ARCHITECTURE") or ("arm64" if "arm64" in packed else packed[0])
    own = {name: value for name, value in os.environ.items() if name.startswith("SOUK_")}
    own |= {"SOUK_ARCHITECTURE": architecture}
    own |= {"SOUK_LAMBDA_ZIP": str(package_lambda.target / architecture / "souk.zip")}
    environment = stacks.offline_environment(**own)
    try:
        stacks.osls(folder, "package", "--stage", stage, environment=environment, prefix=stacks.without_network())
    except AssertionError as problem:
        raise SystemExit(str(problem)) from None
    made = stacks.Stacks(folder, stage)
    for name, path in made.paths.items():
        count = len(made.templates[name]["Resources"])
        print(f"{name:14} {count:4} resources  {path.relative_to(root)}")
    lint = peer_install.peers / "python/bin/cfn-lint"
    if subprocess.run([lint, *map(str, made.paths.values())], check=False).returncode != 0:
        raise SystemExit("cfn-lint has something to say.")
    print("cfn-lint: clean")


def pytest(*words: str) -> int:
    peer_install.install_python()
    command = [peer_install.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
    return subprocess.run(command, cwd=root, check=False).returncode


def main(words: list[str]) -> int:
    match words:
        case ["package", *stage] if len(stage) < 2:
            package(*stage)
            return 0
        case ["rehearse", *more]:
            return pytest("tests/aws/test_topology.py", "tests/aws/test_rehearsal.py", *more)
        case ["test", *more]:
            return pytest(*(more or ["tests/aws"]))
    raise SystemExit(__doc__)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
