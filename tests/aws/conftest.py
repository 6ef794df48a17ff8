"""What the tests of the AWS home share: packaged templates and peers. A peer that cannot be had skips its tests, by name
and counted; with CI=true that is a failure."""

import contextlib
import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import peer_install  # noqa: E402
import peers  # noqa: E402
import stacks  # noqa: E402

# Built beside the tests of their adapters; tests/aws drives them.
drivers = {
    "SOUK_SIGN_REQUESTS": "aws_client/sign_requests",
    "SOUK_MAKE_CALLS": "aws_client/make_calls",
    "SOUK_ECHO_BOOTSTRAP": "lambda_runtime/souk_echo_bootstrap",
}
build = pathlib.Path(os.environ.get("SOUK_TEST_BUILD", stacks.root / "build/dev"))
for name, path in drivers.items():
    if (build / "tests/adapters" / path).exists():
        os.environ.setdefault(name, str(build / "tests/adapters" / path))

# Settings of somebody who has everything: a domain, a sender, an address for alarms.
settings = {
    "SOUK_DOMAIN": "api.shop.example",
    "SOUK_CERTIFICATE": f"arn:aws:acm:{stacks.region}:{stacks.account}:certificate/12345678-1234-1234-1234-1234abcd9012",
    "SOUK_MAIL_FROM": "shop@shop.example",
    "SOUK_ALARM_ADDRESS": "ops@shop.example",
}
told = []  # What the run ends with, from whichever process.


@pytest.fixture
def tell(record_property):
    """Says a line at the end of the run, and in the report."""
    return lambda line: record_property("told", line)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        item.user_properties.append(("told", f"SKIPPED {item.name}: {reason.removeprefix('Skipped: ')}"))
        if os.environ.get("CI") == "true":
            report.outcome = "failed"
            report.longrepr = f"skipped, which CI does not allow: {reason}"


def pytest_runtest_logreport(report):
    if report.when == "teardown":  # It has the properties of all phases.
        told.extend(value for name, value in report.user_properties if name == "told")


def pytest_terminal_summary(terminalreporter):
    for line in sorted(set(told)):
        terminalreporter.write_line(line)


def available(install):
    """Skips the test if what it needs cannot be installed here."""
    try:
        install()
    except peer_install.NotInstalled as problem:
        pytest.skip(str(problem))


@pytest.fixture(scope="session")
def peer():
    """Starts peers by name, one each for all tests that share it: peer("moto")."""
    running = {}
    with_contexts = []

    def start(name, **options):
        known = (name, tuple(sorted(options.items())))
        if known not in running:
            try:
                context = peers.every[name](**options)
                running[known] = context.__enter__()
            except peer_install.NotInstalled as problem:
                pytest.skip(f"{name}: {problem}")
            with_contexts.append(context)
        return running[known]

    yield start
    for context in reversed(with_contexts):
        context.__exit__(None, None, None)


@pytest.fixture(scope="session")
def lambda_zip(tmp_path_factory):
    """The zip to deploy: SOUK_LAMBDA_ZIP, or a placeholder that is enough to package."""
    named = os.environ.get("SOUK_LAMBDA_ZIP")
    if named:
        return pathlib.Path(named).resolve()
    placeholder = tmp_path_factory.mktemp("zip") / "souk.zip"
    placeholder.write_bytes(b"PK\x05\x06" + bytes(18))  # An empty zip.
    return placeholder


@pytest.fixture(scope="session")
def packaged(tmp_path_factory, lambda_zip):
    """All services, packaged for production by compose, without network and without credentials."""
    available(peer_install.install_node)
    folder = stacks.copied(tmp_path_factory.mktemp("packaged"))
    environment = stacks.offline_environment(SOUK_LAMBDA_ZIP=str(lambda_zip), **settings)
    stacks.osls(folder, "package", "--stage", "prod", environment=environment, prefix=stacks.without_network())
    return stacks.Stacks(folder, "prod")


@contextlib.contextmanager
def started_alone(name):
    """A peer that no other test shares: moto is not the same to SES's suite once it has held a bucket."""
    try:
        with peers.every[name]() as one:
            yield one
    except peer_install.NotInstalled as problem:
        pytest.skip(f"{name}: {problem}")
