import gzip
import hashlib
import http.server
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pooch
import pytest
import torch

from qdm_utils.images import load_images, subset
from qdm_utils.images.data import DataError, check_images, downloads, idx
from qdm_utils.images.data.idx import SHA256

NAMES = list(SHA256)
TRUE_SHA256 = dict(SHA256)
REAL = Path(__file__).parents[4] / "shared" / "mnist"


def idx_bytes(array: np.ndarray) -> bytes:
    return (
        bytes([0, 0, 8, array.ndim])
        + np.array(array.shape, ">u4").tobytes()
        + array.astype(np.uint8).tobytes()
    )


@pytest.fixture
def small(monkeypatch, rng) -> dict[str, bytes]:
    """Four small IDX files, passed off as MNIST by their hashes."""
    shapes = [(12, 28, 28), (12,), (5, 28, 28), (5,)]
    contents = {
        name: idx_bytes(rng.integers(0, 10, shape))
        for name, shape in zip(NAMES, shapes, strict=True)
    }
    for name, content in contents.items():
        monkeypatch.setitem(idx.SHA256, name, hashlib.sha256(content).hexdigest())
    return contents


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Nothing here asks a real mirror."""
    monkeypatch.setattr(downloads, "MIRRORS", ())
    monkeypatch.setenv("QDM_QUIET", "1")
    monkeypatch.delenv("QDM_DATA", raising=False)


def write(folder: Path, contents: dict[str, bytes], compressed: bool = True) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / f"{name}.gz").write_bytes(gzip.compress(content)) if compressed else (
            folder / name
        ).write_bytes(content)
    return folder


class Mirror(http.server.BaseHTTPRequestHandler):
    """Serves `files` by path; one in `cut` breaks off half-way, one in `hang` waits for the end of
    the test."""

    def do_GET(self):
        self.asked.append(self.path)
        if self.path in self.hang:
            self.over.wait(60)
        elif self.path not in self.files:
            self.send_error(404)
        else:
            body = self.files[self.path]
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if self.path in self.cut else body)

    def log_message(self, *_):
        pass


@pytest.fixture
def mirror(monkeypatch, small):
    """A local mirror of the small files: its handler class, to be told what to do."""

    archives = {f"/{name}.gz": gzip.compress(content) for name, content in small.items()}
    Fresh = type(
        "Fresh",
        (Mirror,),
        {"files": archives, "cut": set(), "hang": set(), "asked": [], "over": threading.Event()},
    )

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Fresh)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    monkeypatch.setattr(downloads, "MIRRORS", (f"http://127.0.0.1:{server.server_port}/",))
    yield Fresh
    Fresh.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("nested", [True, False])
def test_a_named_folder_is_read_plain_or_compressed(tmp_path, small, compressed, nested):
    write(tmp_path / "mnist" if nested else tmp_path, small, compressed)
    images = load_images(folder=tmp_path)
    assert (images.name, images.fallback, images.notice) == ("mnist", False, "")
    pixels = np.frombuffer(small[NAMES[0]][16:], np.uint8).reshape(12, 28, 28)
    assert torch.equal(images.train, torch.tensor(pixels / np.float32(255)))
    assert images.train.dtype == torch.float32
    pixels = np.frombuffer(small[NAMES[2]][16:], np.uint8).reshape(5, 28, 28)
    assert torch.equal(images.test, torch.tensor(pixels / np.float32(255)))
    assert images.train_labels.tolist() == list(small[NAMES[1]][8:])
    assert images.test_labels.tolist() == list(small[NAMES[3]][8:])
    assert images.test_labels.dtype == torch.int64


def test_the_folder_comes_before_the_variable_and_both_before_the_cache(
    tmp_path, small, monkeypatch
):
    whole, empty = write(tmp_path / "whole", small), tmp_path / "empty"
    empty.mkdir()
    monkeypatch.setenv("QDM_DATA", str(empty))
    assert "named by the user" in load_images("mnist", folder=whole).source
    with pytest.raises(DataError, match="empty was named as the folder"):
        load_images("auto", cache=whole)
    monkeypatch.setenv("QDM_DATA", str(whole))
    assert "named by the user" in load_images("mnist", cache=empty).source
    monkeypatch.delenv("QDM_DATA")
    assert "from the cache" in load_images("mnist", cache=whole).source


@pytest.mark.parametrize("dataset", ["auto", "mnist"])
@pytest.mark.parametrize("place", ["folder", "cache"])
@pytest.mark.parametrize(
    "harm", ["cut archive", "cut file", "flipped", "swapped", "not gzip", "empty"]
)
def test_a_broken_file_is_an_error_in_every_mode(tmp_path, small, dataset, place, harm):
    write(tmp_path, small)
    path, content = tmp_path / f"{NAMES[1]}.gz", small[NAMES[1]]
    other = gzip.compress(small[NAMES[3]])
    flipped = content[:-1] + bytes([content[-1] ^ 1])
    archive = gzip.compress(content)
    broken = {
        "cut archive": archive[:-9],
        "cut file": gzip.compress(content[:-1]),
        "flipped": gzip.compress(flipped),
    }
    path.write_bytes(
        broken.get(harm, {"swapped": other, "not gzip": b"<html>", "empty": b""}.get(harm))
    )
    with pytest.raises(DataError) as caught:
        load_images(dataset, **{place: tmp_path})
    message = str(caught.value)
    assert str(path) in message
    assert idx.SHA256[NAMES[1]] in message
    found = path.read_bytes() if harm == "cut archive" else b""
    found = found or (
        gzip.decompress(path.read_bytes())
        if path.read_bytes()[:2] == b"\x1f\x8b"
        else path.read_bytes()
    )
    assert hashlib.sha256(found).hexdigest() in message
    assert "Remove" in message
    assert (f"holds {NAMES[3]}, not {NAMES[1]}" in message) == (harm == "swapped")


def test_a_folder_that_holds_a_file_itself_is_not_left_for_its_subfolder(tmp_path, small):
    write(tmp_path, small)
    write(tmp_path / "mnist", {NAMES[0]: b"something else"})
    assert load_images(folder=tmp_path).train.shape == (12, 28, 28)


def test_what_a_subfolder_lacks_is_missed_there(tmp_path, small):
    write(tmp_path / "mnist", small)
    (tmp_path / "mnist" / f"{NAMES[2]}.gz").unlink()
    with pytest.raises(DataError, match=f"mnist was named .* but {NAMES[2]} .plain"):
        load_images("auto", folder=tmp_path)


def test_a_named_folder_that_lacks_a_file_is_an_error(tmp_path, small):
    write(tmp_path, small)
    (tmp_path / f"{NAMES[2]}.gz").unlink()
    with pytest.raises(DataError, match=NAMES[2]):
        load_images("auto", folder=tmp_path)
    with pytest.raises(DataError, match="nowhere"):
        load_images("auto", folder=tmp_path / "nowhere")


def test_absence_falls_back_and_says_so_but_never_in_strict_mode(tmp_path, small):
    images = load_images("auto", cache=tmp_path / "cache")
    assert (images.name, images.fallback) == ("digits", True)
    assert "MNIST was not found" in images.notice
    assert "QDM_DATA" in images.notice
    with pytest.raises(DataError, match=r"(?s)Three ways: .*`folder`.*QDM_DATA.*cache.*download"):
        load_images("mnist", cache=tmp_path / "cache")
    assert load_images("digits", folder=tmp_path).fallback is False
    with pytest.raises(
        ValueError, match="Argument `dataset` must be one of auto, mnist, digits, but got 'MNIST'"
    ):
        load_images("MNIST")


def test_a_download_is_verified_cached_and_not_repeated(tmp_path, mirror):
    assert "downloaded from http://127.0.0.1" in load_images("mnist", cache=tmp_path / "raw").source
    assert sorted(path.name for path in (tmp_path / "raw").iterdir()) == sorted(
        f"{name}.gz" for name in NAMES
    )
    assert len(mirror.asked) == 4
    assert "from the cache" in load_images("mnist", cache=tmp_path / "raw").source
    assert len(mirror.asked) == 4
    assert load_images("auto", cache=tmp_path / "other", download=False).fallback
    assert load_images("auto").name == "mnist"  # without a cache: read and forgotten


def test_an_interrupted_download_leaves_nothing_that_looks_whole_and_goes_on(tmp_path, mirror):
    mirror.cut.add(f"/{NAMES[2]}.gz")
    images = load_images("auto", cache=tmp_path)
    assert images.fallback
    assert NAMES[2] in images.notice
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        f"{name}.gz" for name in NAMES[:2]
    )
    mirror.cut.clear()
    mirror.asked.clear()
    assert load_images("mnist", cache=tmp_path).train.shape == (12, 28, 28)
    assert mirror.asked == [f"/{name}.gz" for name in NAMES[2:]]


def test_a_mirror_that_sends_something_else_is_an_error_unless_another_has_it(
    tmp_path, mirror, monkeypatch
):
    (address,) = downloads.MIRRORS
    good = {f"/good{path}": body for path, body in mirror.files.items()}
    mirror.files = dict.fromkeys(mirror.files, b"<html>Please log in</html>") | good
    with pytest.raises(DataError, match=r"(?s)train-images-idx3-ubyte.gz is not .*sha256 found"):
        load_images("auto", cache=tmp_path)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(downloads, "MIRRORS", (address, f"{address}good/"))
    mirror.asked.clear()
    assert f"{address}good/" in load_images("auto", cache=tmp_path).source
    # The one that has served is asked first from then on.
    assert mirror.asked == [f"/{NAMES[0]}.gz", *good]
    assert len(list(tmp_path.iterdir())) == 4


def test_a_dead_network_is_given_up_after_one_silence_a_mirror(tmp_path, mirror, monkeypatch):
    monkeypatch.setattr(downloads, "SILENCE", 0.3)
    mirror.hang.update(mirror.files)
    mirror.hang.update(f"/again{path}" for path in mirror.files)
    (address,) = downloads.MIRRORS
    monkeypatch.setattr(downloads, "MIRRORS", (address, "http://127.0.0.1:9/", f"{address}again/"))
    images = load_images("auto", cache=tmp_path)
    assert images.fallback
    # Two silences and a refusal; nothing is asked twice, and the other files are not asked for.
    assert mirror.asked == [f"/{NAMES[0]}.gz", f"/again/{NAMES[0]}.gz"]
    assert images.notice.count("silent for 0.3 s") == 2
    assert "http://127.0.0.1:9/" in images.notice
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("quiet", ["", "1"])
def test_a_download_shows_its_progress_unless_the_runner_does(mirror, monkeypatch, quiet):
    shown = []
    usual = pooch.HTTPDownloader

    def watched(progressbar, **settings):
        shown.append(progressbar)
        return usual(**settings)

    monkeypatch.setattr(pooch, "HTTPDownloader", watched)
    monkeypatch.setenv("QDM_QUIET", quiet)
    address = f"{downloads.MIRRORS[0]}{NAMES[3]}.gz"
    assert downloads._download(address) == mirror.files[f"/{NAMES[3]}.gz"]
    assert shown == [not quiet]


def test_what_comes_after_a_download_was_given_up_is_refused():
    sink = downloads._Sink()
    sink.write(b"in time")
    sink.abandoned = True
    with pytest.raises(downloads.Unreachable, match="given up"):
        sink.write(b"too late")
    assert sink.getvalue() == b"in time"


@pytest.mark.slow
def test_a_kernel_without_ipywidgets_hears_nothing_of_the_progress_bar():
    script = """
import ipykernel.zmqshell  # as in a notebook
from qdm_utils.images.data import downloads
try:
    downloads._from_any(["http://127.0.0.1:9/"], "train-labels-idx1-ubyte")
except downloads.Unreachable as reason:
    print(reason)
"""
    environment = os.environ | {"QDM_QUIET": "1"}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "ConnectionError" in done.stdout


def test_the_promised_15_seconds_follow_from_the_constants():
    assert downloads.SILENCE * 3 < 15


def test_a_cache_that_cannot_be_written_is_named(tmp_path, mirror):
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(DataError, match=r"cache.*cannot be written"):
        load_images("auto", cache=tmp_path / "cache")


def test_the_digits_are_split_once_and_for_all():
    one, two = load_images("digits"), load_images("digits")
    assert one.train.shape == (1297, 28, 28)
    assert one.test.shape == (500, 28, 28)
    assert torch.equal(one.train, two.train)
    assert torch.equal(one.test_labels, two.test_labels)
    assert set(one.test_labels.tolist()) == set(range(10))
    assert one.train.min() == 0
    assert one.train.max() <= 1
    both = {image.numpy().tobytes() for image in one.train} & {
        image.numpy().tobytes() for image in one.test
    }
    assert not both


def test_subsets_are_nested_and_seeded():
    images, labels = torch.arange(1000.0)[:, None], torch.arange(1000)
    few, many = subset(images, labels, 100, seed=3), subset(images, labels, 300, seed=3)
    assert torch.equal(few[0], many[0][:100])
    assert torch.equal(many[0][:, 0].long(), many[1])
    assert len(set(many[1].tolist())) == 300
    assert not torch.equal(few[1], subset(images, labels, 100, seed=4)[1])
    assert many[1].float().mean() == pytest.approx(499.5, abs=5 * 288 / 300**0.5)
    with pytest.raises(ValueError, match="Argument `count` must be ≤ 1000"):
        subset(images, labels, 1001, seed=3)
    with pytest.raises(ValueError, match="Argument `labels` must have length"):
        subset(images, labels[:-1], 10, seed=3)


@pytest.mark.parametrize(
    "content",
    [b"", bytes([0, 0, 8]), bytes([0, 0, 9, 1, 0, 0, 0, 1, 5]), bytes([0, 0, 8, 1, 0, 0, 0, 2, 5])],
)
def test_another_format_is_refused(content):
    with pytest.raises(DataError, match="IDX"):
        idx.parse(content)


@pytest.mark.parametrize("value", [-0.5, 1.5, torch.nan])
def test_one_pixel_out_of_range_is_enough_to_refuse_pictures(value):
    images = torch.full((3, 28, 28), 0.5)
    images[1, 2, 3] = value
    with pytest.raises(ValueError, match="Argument `images` must"):
        check_images(images)


@pytest.mark.parametrize("shape", [(28, 28), (3, 28, 27), (3, 27, 28), (3, 1, 28, 28)])
def test_pictures_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match="Argument `images` must have shape"):
        check_images(torch.zeros(shape))


def test_nothing_of_mnist_is_tracked():
    root = Path(__file__).parents[3]
    done = subprocess.run(
        ["git", "-C", str(root), "ls-files"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip("not a git checkout")
    assert not [
        line
        for line in done.stdout.splitlines()
        if "idx3" in line or "idx1" in line or line.startswith("data/raw/")
    ]


def test_the_data_page_lists_the_same_hashes():
    page = (Path(__file__).parents[3] / "data" / "README.md").read_text(encoding="utf-8")
    assert dict(re.findall(r"\| `([\w-]+-ubyte)` \| `([0-9a-f]{64})` \|", page)) == TRUE_SHA256


@pytest.mark.slow
@pytest.mark.skipif(not REAL.is_dir(), reason="the real MNIST does not lie beside the repository")
def test_the_real_mnist():
    assert idx.SHA256 == TRUE_SHA256
    images = load_images("mnist", folder=REAL)
    assert images.train.shape == (60000, 28, 28)
    assert images.test.shape == (10000, 28, 28)
    assert torch.bincount(images.test_labels).tolist() == [
        980,
        1135,
        1032,
        1010,
        982,
        892,
        958,
        1028,
        974,
        1009,
    ]
    assert images.train.mean().item() == pytest.approx(0.1307, abs=5e-5)
    assert images.train.max() == 1
