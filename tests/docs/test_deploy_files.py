"""What is deployed as it stands says what the program says: statuses, verbs, settings."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path

import yaml

from fairuse.cli.outcome import WRONG
from fairuse.settings import PREFIX, Settings

DEPLOY = Path(__file__).parents[2] / "deploy"


def test_kubernetes_runs_one_night_at_a_time_and_gives_up_on_wrong_input():
    (job,) = yaml.safe_load_all((DEPLOY / "retrain-cronjob.yaml").read_text())
    assert job["spec"]["concurrencyPolicy"] == "Forbid"
    work = job["spec"]["jobTemplate"]["spec"]
    (container,) = work["template"]["spec"]["containers"]
    assert container["command"][:2] == ["fairuse", "retrain"]
    given_up = next(r for r in work["podFailurePolicy"]["rules"] if r["action"] == "FailJob")
    assert given_up["onExitCodes"]["values"] == [WRONG]
    assert given_up["onExitCodes"]["containerName"] == container["name"]
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    assert {each["name"] for each in container["env"]} <= known


def test_systemd_tries_again_unless_the_input_is_wrong():
    unit = ConfigParser(strict=False)
    unit.optionxform = str
    unit.read(DEPLOY / "fairuse-retrain.service")
    assert unit["Service"]["ExecStart"].split("/")[-1].startswith("fairuse retrain")
    assert unit["Service"]["Restart"] == "on-failure"
    assert unit["Service"]["RestartPreventExitStatus"] == str(WRONG)
    # As often as Kubernetes, not every ten minutes until somebody looks.
    (job,) = yaml.safe_load_all((DEPLOY / "retrain-cronjob.yaml").read_text())
    tries = job["spec"]["jobTemplate"]["spec"]["backoffLimit"] + 1
    assert unit["Unit"]["StartLimitBurst"] == str(tries)
