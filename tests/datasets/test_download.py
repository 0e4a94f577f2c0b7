"""Downloads, from a server on this machine: whole and right, or not there."""

import hashlib
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dlsuite.datasets import download, files
from dlsuite.spec.errors import DataError

CONTENT = bytes(range(256)) * 2000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """Answers by path: /whole, /short (breaks off), /stalled, /slow (bytes without a length), else 404."""

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path not in ("/whole", "/short", "/stalled", "/unknown"):
            return self.send_error(503 if self.path == "/busy" else 404)
        self.send_response(200)
        if self.path != "/unknown":
            self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        if self.path in ("/whole", "/unknown"):
            self.wfile.write(CONTENT)
        else:
            self.wfile.write(CONTENT[:1000])
            self.wfile.flush()
            if self.path == "/stalled":
                self.server.going_on.wait(20)

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked, server.going_on = [], threading.Event()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.going_on.set()
        server.shutdown()


@pytest.fixture
def fetch(server, tmp_path, monkeypatch):
    monkeypatch.setenv("DLSUITE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("DLSUITE_DATA", raising=False)
    folder = tmp_path / "cache/datasets/Digits"

    def fetch(name, digest=DIGEST):
        url = f"http://127.0.0.1:{server.server_port}/{name}"
        return files.fetch(url, digest, dataset="Digits", tried="vision/digits.gz")

    fetch.left = lambda: sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    return fetch


@pytest.mark.parametrize("name", ["whole", "unknown"])
def test_a_file_is_downloaded_once_and_then_comes_from_the_cache(fetch, server, name):
    for _ in range(2):
        assert fetch(name).read_bytes() == CONTENT
    assert server.asked == [f"/{name}"] and fetch.left() == [name]


def test_progress_is_a_line_in_a_log(fetch, capsys):
    fetch("whole")
    assert capsys.readouterr().err == "downloading whole (512,000 bytes)\n"


def test_progress_is_a_bar_on_a_terminal(fetch, capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    fetch("whole")
    assert "512.0/512.0 kB" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "digest", "reason"),
    [
        ("whole", "0" * 64, f"its SHA-256 is {DIGEST}, expected {'0' * 64}: it is corrupt or another file"),
        ("short", DIGEST, "the connection broke off after 1,000 of 512,000 bytes"),
        ("missing", DIGEST, "the server answers 404 Not Found"),
        ("busy", DIGEST, "the server answers 503 Service Unavailable"),
    ],
)
def test_what_is_not_whole_and_right_is_refused_and_leaves_nothing(fetch, name, digest, reason):
    with pytest.raises(DataError) as error:
        fetch(name, digest)
    assert reason in str(error.value) and "download the file by hand and put it at" in str(error.value)
    assert error.value.exit_code == 3 and fetch.left() == []


def test_a_server_that_goes_silent_is_given_up(fetch, monkeypatch):
    monkeypatch.setattr(download, "TIMEOUT", 0.3)
    start = time.monotonic()
    with pytest.raises(DataError, match=r"the server sent nothing for 0\.3 s"):
        fetch("stalled")
    assert time.monotonic() - start < 10 and fetch.left() == []


def test_a_server_that_is_not_there(fetch, server):
    server.shutdown()
    server.server_close()
    with pytest.raises(DataError, match="Connection refused"):
        fetch("whole")


def test_an_interrupted_download_leaves_no_half_file(fetch, monkeypatch, tmp_path):
    def interrupted(self, amount):
        raise KeyboardInterrupt

    monkeypatch.setattr("http.client.HTTPResponse.read", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fetch("whole")
    assert fetch.left() == []


def test_a_half_file_of_a_killed_process_does_not_count_as_whole(fetch, tmp_path, server):
    folder = tmp_path / "cache/datasets/Digits"
    folder.mkdir(parents=True)
    (folder / ".whole.abc").write_bytes(CONTENT[:100])
    (folder / "whole").write_bytes(CONTENT[:100])  # as another program may have left it
    assert fetch("whole").read_bytes() == CONTENT and server.asked == ["/whole"]


def test_more_than_the_limit_is_not_downloaded(fetch, monkeypatch):
    monkeypatch.setattr(download, "LIMIT", 1000)
    with pytest.raises(DataError, match="it is larger than"):
        fetch("unknown")
    assert fetch.left() == []
