"""`make lab` as a reader meets it: this machine only, a token, text notebooks that open as
notebooks.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[1]
LONG_ENOUGH = 300  # seconds for an answer that will come, also from a busy machine
pytestmark = pytest.mark.slow


def command(port: int) -> list[str]:
    """The recipe of the Makefile, run with this Python."""
    recipe = re.search(
        r"^lab: env\n\t(.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M
    )[1]
    recipe = (
        recipe.replace("$(CURDIR)", str(ROOT))
        .replace("$(RUN)", f"{sys.executable} -m")
        .replace("$(ARGS)", "")
    )
    words = recipe.split()
    options = [
        "--no-browser",
        "--allow-root",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        "--IdentityProvider.token=secret",
    ]
    return ["env", *words, *options]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tmp_path_factory.mktemp("home")
    log = (home / "lab.log").open("w")
    environment = {**os.environ, "HOME": str(home), "JUPYTER_CONFIG_DIR": str(home / "config")}
    process = subprocess.Popen(
        command(port), cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
    )
    try:
        while process.poll() is None:  # a server that ends has failed, a slow one has not
            try:
                get(f"http://127.0.0.1:{port}/api?token=secret")
                break
            except OSError:
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        log.close()


def get(url: str) -> dict:
    with urllib.request.urlopen(url, timeout=LONG_ENOUGH) as answer:
        return json.loads(answer.read())


def test_a_visitor_without_the_token_is_turned_away(address):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{address}/api/contents", timeout=LONG_ENOUGH)
    assert refused.value.code == 403
    refused.value.close()


def test_it_listens_on_this_machine_only(address):
    port = int(address.rsplit(":", 1)[1])
    found = [
        c
        for c in psutil.net_connections("tcp")
        if c.status == psutil.CONN_LISTEN and c.laddr.port == port
    ]
    assert {c.laddr.ip for c in found} == {"127.0.0.1"}


def test_a_text_notebook_is_a_notebook_with_the_outputs_of_its_pair(address):
    found = get(f"{address}/api/contents/notebooks/01_no_go_boundary.py?type=notebook&token=secret")
    assert found["type"] == "notebook"
    assert any(cell.get("outputs") for cell in found["content"]["cells"])


def test_text_notebooks_open_as_notebooks_by_default(address):
    settings = get(
        f"{address}/lab/api/settings/@jupyterlab/docmanager-extension:plugin?token=secret"
    )
    assert (
        settings["schema"]["properties"]["defaultViewers"]["default"]["python"]
        == "Jupytext Notebook"
    )
