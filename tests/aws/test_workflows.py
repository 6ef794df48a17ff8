"""The workflows of GitHub Actions, read by actionlint; and what it cannot know."""

import re
import subprocess

import yaml

import peer_install
from conftest import available
from stacks import root, services

workflows = sorted((root / ".github/workflows").glob("*.yml"))


def actionlint(*paths, folder=root):
    available(peer_install.install_actionlint)
    tool = peer_install.peers / "actionlint/actionlint"
    return subprocess.run([tool, "-no-color", *map(str, paths)], cwd=folder, capture_output=True, text=True, check=False)


def test_actionlint_finds_nothing():
    assert len(workflows) >= 5
    done = actionlint(*workflows)
    assert done.returncode == 0, done.stdout + done.stderr


def test_actionlint_sees_a_mistake(tmp_path):
    broken = tmp_path / "broken.yml"
    broken.write_text("on: push\njobs:\n  one:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo ${{ nothing.here }}\n")
    assert actionlint(broken).returncode != 0


def test_nobody_has_more_rights_than_he_needs():
    for path in workflows:
        workflow = yaml.safe_load(path.read_text())
        assert "permissions" in workflow, path.name
        assert "write-all" not in path.read_text(), path.name
        identified = "id-token" in str(workflow)
        assert identified == path.name.startswith("deploy"), path.name


def test_no_key_is_stored():
    for path in workflows:
        assert not re.search(r"secrets\.|AWS_SECRET|AWS_ACCESS_KEY", path.read_text()), path.name


def test_each_stage_is_an_environment_and_production_comes_last():
    jobs = yaml.safe_load((root / ".github/workflows/deploy.yml").read_text())["jobs"]
    stage = yaml.safe_load((root / ".github/workflows/deploy-stage.yml").read_text())
    assert stage["jobs"]["deploy"]["environment"] == "${{ inputs.stage }}"
    assert "stage" in jobs["prod"]["needs"] and "dev" in jobs["stage"]["needs"]


def test_a_deployment_has_the_time_that_it_takes():
    """The services come one after the other, each with its rollout; and the session outlives the job."""
    rollouts = {"LambdaAllAtOnce": 0, "LambdaCanary10Percent5Minutes": 5, "LambdaLinear10PercentEvery1Minute": 10}
    (job,) = called("deploy-stage.yml").values()
    (signed_in,) = [step["with"] for step in job["steps"] if "configure-aws-credentials" in step.get("uses", "")]
    for path in (root / "deploy/aws/stages").glob("*.yml"):
        minutes = rollouts[yaml.safe_load(path.read_text())["rollout"]] + 5
        assert len(services) * minutes + 15 <= job["timeout-minutes"], path.name
    assert signed_in["role-duration-seconds"] >= 60 * job["timeout-minutes"]


def test_a_setting_that_an_environment_lacks_is_the_stages_own():
    """Its variable is empty then, and what is empty would win over the stage's file."""
    (job,) = called("deploy-stage.yml").values()
    given = {name for name, value in job["env"].items() if re.match(r"\$\{\{ vars\.SOUK_", value)}
    (deploy,) = [command for command in commands(job) if "osls-compose deploy" in command]
    assert set(re.search(r"for name in ([\w ]+); do", deploy)[1].split()) == given
    settings = "".join(path.read_text() for path in (root / "deploy/aws").glob("**/*.yml"))
    assert set(job["env"]) == set(re.findall(r"\$\{env:(SOUK_\w+)", settings))


def called(name):
    workflow = yaml.safe_load((root / ".github/workflows" / name).read_text())
    assert "workflow_call" in workflow[True], name  # YAML 1.1 takes the word `on` for true.
    return workflow["jobs"]


def commands(job):
    return [step["run"] for step in job["steps"] if "run" in step]


def test_nothing_is_deployed_that_was_not_tested_packaged_and_rehearsed():
    jobs = yaml.safe_load((root / ".github/workflows/deploy.yml").read_text())["jobs"]
    for name in ("test", "package", "rehearse"):
        assert name in jobs["dev"]["needs"]
        assert jobs[name]["uses"] == f"./.github/workflows/{name}.yml"
        called(f"{name}.yml")
    tested = [command for job in called("test.yml").values() for command in commands(job)]
    assert {"./dev test", "./dev test --tsan"} <= set(tested)


def test_the_run_that_deploys_is_not_cancelled_by_its_own_tests():
    """Who calls a workflow has its concurrency, too: two runs in a group that cancels would end each other."""
    test = yaml.safe_load((root / ".github/workflows/test.yml").read_text())
    assert "push" not in test[True] and "pull_request" in test["concurrency"]["cancel-in-progress"]


def test_all_scenarios_run_in_a_container_before_a_deployment():
    steps = called("rehearse.yml")["container"]["steps"]
    (scenarios,) = [step for step in steps if "tests/aws/test_container.py" in step.get("run", "")]
    assert scenarios["env"]["SOUK_ALL_SCENARIOS"] == "1"
    assert 'os.environ.get("SOUK_ALL_SCENARIOS") == "1"' in (root / "tests/aws/test_container.py").read_text()
