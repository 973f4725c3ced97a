"""Tests of what CI runs: the hooks by pre-commit, the action's and the snippets' steps by a shell, all by their schemas."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import REPOSITORY
from differing import LOWERS, committed, git, small
from packing import package

from exo_onto.beginning import SKELETON
from exo_onto.difference.written import MARKER
from hatch_build import WITHOUT

ACTION = REPOSITORY / "action.yml"
GITLAB = REPOSITORY / "docs" / "ci" / "gitlab.yml"
GITHUB = REPOSITORY / "docs" / "ci" / "github.yml"
BEGUN = SKELETON / "dot.github" / "workflows" / "check.yml"
WRONG = "activity:a-pain a ex:Up .\n"
GH = """#!/bin/bash
printf '%s\\n' "$*" >> "$CALLS"
case "$*" in
  *--paginate*) [ "$REFUSES" = yes ] && exit 1; printf '%s' "$MINE" ;;
  *) for argument in "$@"; do case "$argument" in body=@*) cp "${argument#body=@}" "$CALLS.body" ;; esac; done ;;
esac
"""
CURL = """#!/bin/bash
printf '%s\\n' "$*" >> "$CALLS"
"""


def document(path: Path) -> dict[str, Any]:
    told: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return told


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """Give a folder with `exo-onto`, and with stand-ins for what would reach the network."""
    folder = tmp_path / "tools"
    folder.mkdir()
    command = f"exec {shlex.quote(sys.executable)} -P -c 'from exo_onto.cli import main; main()' \"$@\""
    scripts = {"exo-onto": f"#!/bin/bash\n{command}\n", "gh": GH, "curl": CURL, "python": CURL}
    for name, text in scripts.items():
        (folder / name).write_text(text, "utf-8")
        (folder / name).chmod(0o755)
    return folder


class Runner:
    """Runs steps as a runner of GitHub or GitLab does, in a checkout."""

    def __init__(self, checkout: Path, tools: Path) -> None:
        """Run in a checkout, with the tools of a folder before others."""
        self.checkout = checkout
        self.calls = tools / "calls"
        self.summary = tools / "summary.md"
        self.output = tools / "output"
        self.environment = {
            **os.environ,
            "PATH": f"{tools}:{os.environ['PATH']}",
            "PYTHONPATH": str(REPOSITORY),
            "NO_COLOR": "1",
            "CALLS": str(self.calls),
            "RUNNER_TEMP": str(tools),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_OUTPUT": str(self.output),
        }

    def run(self, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a script as `shell: bash` does: it ends with the first failure."""
        command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script]
        return subprocess.run(
            command,
            cwd=self.checkout,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def runner(tmp_path: Path, tools: Path) -> Runner:
    checkout = small(tmp_path / "checkout")
    committed(checkout)
    small(checkout, more=LOWERS)
    committed(checkout)
    return Runner(checkout, tools)


def step(name: str) -> dict[str, Any]:
    (found,) = (each for each in document(ACTION)["runs"]["steps"] if each.get("name") == name)
    return dict(found)


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("vendor.github-actions", ACTION),
        ("vendor.github-workflows", GITHUB),
        ("vendor.github-workflows", BEGUN),
        ("vendor.gitlab-ci", GITLAB),
    ],
)
def test_every_file_for_ci_is_what_its_schema_asks_for(schema: str, path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_no_script_has_an_expression_in_it_that_somebody_else_fills_in() -> None:
    jobs = [job for path in (GITHUB, BEGUN) for job in document(path)["jobs"].values()]
    for job in (document(ACTION)["runs"], *jobs):
        for each in job["steps"]:
            assert "${{" not in each.get("run", "")


def test_every_variable_of_a_step_is_given_to_it_or_is_the_runners() -> None:
    given_by_runner = {"RUNNER_TEMP", "GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"}
    for each in document(ACTION)["runs"]["steps"]:
        names = set(re.findall(r"\$\{?([A-Z_]+)", each.get("run", "")))
        assert names <= {*each.get("env", {}), *given_by_runner}, each.get("name")


def test_the_inputs_that_are_used_are_those_that_there_are() -> None:
    action = document(ACTION)
    used = set(re.findall(r"inputs\.([\w-]+)", ACTION.read_text("utf-8")))
    assert used == set(action["inputs"])
    (mine,) = (each for each in document(GITHUB)["jobs"]["check"]["steps"] if "exo-onto" in each["uses"])
    assert set(mine["with"]) <= set(action["inputs"])


def test_the_action_installs_what_it_is_told_to(runner: Runner) -> None:
    done = runner.run(step("Install")["run"], PACKAGE="/where it lies")
    assert done.returncode == 0
    assert runner.calls.read_text("utf-8") == "-m pip install --disable-pip-version-check --quiet /where it lies\n"


def test_the_action_checks_and_fails_where_the_knowledge_is_wrong(runner: Runner) -> None:
    script = step("Check")["run"]
    small(runner.checkout, more=LOWERS + WRONG)
    done = runner.run(script, ROOT=".", OPTIONS="--format csv")
    assert done.returncode == 1
    assert "violation,contradiction,instances/studies/a.ttl," in done.stdout


def test_the_action_compares_and_shows_it_in_the_summary(runner: Runner) -> None:
    done = runner.run(step("Compare")["run"], ROOT=".", BASE="HEAD~1")
    assert done.returncode == 0, done.stderr
    told = runner.summary.read_text("utf-8")
    assert told.startswith(MARKER)
    assert "now: Study A 'demonstrates' relief of pain" in told
    assert runner.output.read_text("utf-8") == f"difference={runner.summary.parent}/exo-onto-diff.md\n"


def test_the_action_fetches_what_a_shallow_checkout_has_not(runner: Runner, tmp_path: Path) -> None:
    base = git(runner.checkout, "rev-parse", "HEAD~1")
    git(runner.checkout, "config", "uploadpack.allowAnySHA1InWant", "true")
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{runner.checkout}", str(shallow))
    runner.checkout = shallow
    done = runner.run(step("Compare")["run"], ROOT=".", BASE=base)
    assert done.returncode == 0, done.stderr
    assert "demonstrates" in runner.summary.read_text("utf-8")


def test_the_action_goes_on_where_the_check_has_failed_already_and_fails_for_a_wrong_call(runner: Runner) -> None:
    small(runner.checkout, more=LOWERS + WRONG)
    script = step("Compare")["run"]
    assert runner.run(script, ROOT=".", BASE="HEAD").returncode == 0
    assert "Wrong now, and not before" in runner.summary.read_text("utf-8")
    runner.summary.unlink()
    small(runner.checkout, more="nonsense")
    assert runner.run(script, ROOT=".", BASE="HEAD").returncode == 0
    assert "## Not compared" in runner.summary.read_text("utf-8")
    assert runner.run(script, ROOT=".", BASE="nowhere").returncode != 0


@pytest.mark.parametrize("mine", ["", "77\n78\n"])
def test_the_action_comments_once_and_then_brings_the_comment_up_to_date(
    runner: Runner, tmp_path: Path, mine: str
) -> None:
    difference = tmp_path / "diff.md"
    difference.write_text(f"{MARKER}\nbody", "utf-8")
    given = {"REPOSITORY": "o/r", "NUMBER": "5", "GH_TOKEN": "t", "DIFFERENCE": str(difference)}
    done = runner.run(step("Comment")["run"], **given, MINE=mine)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    asked, said = runner.calls.read_text("utf-8").splitlines()
    assert asked.startswith("api --paginate repos/o/r/issues/5/comments --jq .[] | select(")
    method = "PATCH repos/o/r/issues/comments/77" if mine else "POST repos/o/r/issues/5/comments"
    assert said == f"api --method {method} --field body=@{difference}"
    assert Path(f"{runner.calls}.body").read_text("utf-8") == f"{MARKER}\nbody"


def test_the_action_warns_where_it_may_not_comment(runner: Runner, tmp_path: Path) -> None:
    given = {"REPOSITORY": "o/r", "NUMBER": "5", "GH_TOKEN": "t", "DIFFERENCE": str(tmp_path / "x")}
    done = runner.run(step("Comment")["run"], **given, REFUSES="yes", MINE="")
    assert done.returncode == 0
    assert done.stdout.startswith("::warning::The difference cannot be a comment")


def test_the_query_that_finds_the_comment_finds_only_ours() -> None:
    """Run it by jq's Python twin where it is there; else see that it names the marker and the bot."""
    script = step("Comment")["run"]
    assert f'startswith("{MARKER}")' in script
    assert '.user.type == "Bot"' in script
    if shutil.which("jq"):
        query = re.search(r"mine='(.*)'", script)
        assert query
        comments = [
            {"id": 1, "user": {"type": "User"}, "body": MARKER},
            {"id": 2, "user": {"type": "Bot"}, "body": "other"},
            {"id": 3, "user": {"type": "Bot"}, "body": f"{MARKER}\nx"},
        ]
        done = subprocess.run(["jq", query[1]], input=json.dumps(comments), capture_output=True, text=True, check=True)
        assert done.stdout == "3\n"


def gitlab(runner: Runner, part: str, **environment: str) -> subprocess.CompletedProcess[str]:
    job = document(GITLAB)["exo-onto"]
    return runner.run("\n".join(job[part]), **job["variables"], **environment)


def test_the_snippet_for_gitlab_installs_and_checks(runner: Runner) -> None:
    assert gitlab(runner, "before_script").returncode == 0
    assert runner.calls.read_text("utf-8").endswith("--quiet exo-onto\n")
    small(runner.checkout, more=LOWERS + WRONG)
    done = gitlab(runner, "script")
    assert done.returncode == 1
    assert "[contradiction]" in done.stdout


def test_the_snippet_for_gitlab_compares_and_notes_it_where_it_has_a_token(runner: Runner) -> None:
    base = git(runner.checkout, "rev-parse", "HEAD~1")
    assert gitlab(runner, "after_script").returncode == 0
    assert not (runner.checkout / "diff.md").exists()
    assert gitlab(runner, "after_script", CI_MERGE_REQUEST_DIFF_BASE_SHA=base).returncode == 0
    assert "demonstrates" in (runner.checkout / "diff.md").read_text("utf-8")
    assert not runner.calls.exists()
    given = {
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": base,
        "EXO_ONTO_TOKEN": "secret",
        "CI_API_V4_URL": "https://gitlab.example.org/api/v4",
        "CI_PROJECT_ID": "12",
        "CI_MERGE_REQUEST_IID": "3",
    }
    assert gitlab(runner, "after_script", **given).returncode == 0
    said = runner.calls.read_text("utf-8")
    assert "--data-urlencode body@diff.md https://gitlab.example.org/api/v4/projects/12/merge_requests/3/notes" in said


def test_the_workflow_of_a_new_repository_runs(tools: Path, tmp_path: Path) -> None:
    runner = Runner(tmp_path, tools)
    assert runner.run("exo-onto init cartilage").returncode == 0
    runner.checkout = tmp_path / "cartilage"
    base = committed(runner.checkout)
    steps = {each["name"]: each for each in document(BEGUN)["jobs"]["check"]["steps"] if "name" in each}
    answers = steps["Build, and compare the answers"]["run"]
    done = runner.run(answers)
    assert done.returncode == 0, done.stdout + done.stderr
    (runner.checkout / "queries" / "expected" / "mechanisms.csv").write_text("study,mechanism\n", "utf-8")
    assert runner.run(answers).returncode == 1
    assert runner.run(steps["Show what the pull request changes"]["run"], BASE=base).returncode == 0
    assert "Nothing differs" in runner.summary.read_text("utf-8")
    assert steps["Check"]["run"] == "exo-onto check"  # which tests/test_beginning.py runs


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a repository of git with what is needed to install the hooks."""
    home = package(tmp_path_factory.mktemp("hooks"))
    shutil.copy(REPOSITORY / ".pre-commit-hooks.yaml", home)
    committed(home)
    return home


@pytest.mark.parametrize("hook", ["exo-onto-build", "exo-onto-check"])
def test_the_hooks_install_and_run_and_stop_a_bad_commit(hook: str, hooks: Path, tmp_path: Path) -> None:
    checkout = small(tmp_path / "checkout", more=LOWERS)
    committed(checkout)
    small(checkout, more=LOWERS + WRONG)
    git(checkout, "add", "--all")
    environment = {
        **os.environ,
        "PRE_COMMIT_HOME": str(tmp_path / "kept"),
        "PYTHONPATH": sysconfig.get_paths()["purelib"],  # what it depends on, which pip would fetch
        "PIP_NO_DEPS": "1",
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip's own way to say that there is to be none
        WITHOUT: "1",  # npm would fetch too; tests/test_hatch_build.py sees to the browser's files
        "NO_COLOR": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "try-repo", "--color=never", str(hooks), hook],
        cwd=checkout,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(rf"{hook.replace('-build', ' build').replace('-check', ' check')}\.+Failed", done.stdout)
    assert "instances/studies/a.ttl:12: violation [contradiction]" in done.stdout
    assert "- exit code: 1" in done.stdout


def test_hooks_leave_other_files_alone(hooks: Path) -> None:
    for each in yaml.safe_load((hooks / ".pre-commit-hooks.yaml").read_text("utf-8")):
        assert re.match(each["files"], "instances/studies/a.ttl")
        assert not re.match(each["files"], "docs/instances/a.ttl")
        assert each["pass_filenames"] is False
