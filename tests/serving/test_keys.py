import base64
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from serving.access.gate import Denied, Gate, sent_key
from serving.access.keys import Keys, KeysUnusable, new, read
from serving.access.rates import MOST_CALLERS, Rate


def line(name: str, key: str) -> str:
    return f"{name}:{hashlib.sha256(key.encode()).hexdigest()}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    path.write_text("# two at once, for rotation\n\n" + line("old", "first") + line("new", "second"))
    return path


def rewrite(path: Path, text: str) -> None:
    """Replace a file as a mounted secret is replaced: by another one under its name."""
    other = path.with_suffix(".other")
    other.write_text(text)
    other.replace(path)


def bearer(key: str) -> dict[bytes, bytes]:
    return {b"authorization": f"Bearer {key}".encode()}


def test_several_keys_are_let_in_at_once_and_others_are_not(file: Path) -> None:
    keys = Keys(file)
    assert [keys.holder(key) for key in (b"first", b"second", b"third", b"", b"x" * 600)] == [
        "old", "new", None, None, None,
    ]  # fmt: skip


def test_a_file_holds_no_key_in_the_clear() -> None:
    key, written = new("team-a")
    assert key not in written
    assert written == line("team-a", key).strip()
    assert new("team-a")[0] != key


def test_a_changed_file_is_taken_without_a_restart(file: Path) -> None:
    keys = Keys(file)
    rewrite(file, line("new", "second"))
    keys.reread()
    assert (keys.holder(b"first"), keys.holder(b"second")) == (None, "new")


@pytest.mark.parametrize("spoilt", ["", "# nothing\n", "team-a:abc\n", "no colon\n", None])
def test_a_file_that_is_spoilt_later_keeps_those_in_who_were_in(file: Path, spoilt: str | None) -> None:
    keys = Keys(file)
    rewrite(file, spoilt) if spoilt is not None else file.unlink()
    keys.reread()
    assert keys.holder(b"first") == "old"
    rewrite(file, line("only", "third"))
    keys.reread()
    assert (keys.holder(b"first"), keys.holder(b"third")) == (None, "only")


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "holds no key"), ("a:b\n", "line 1, is not name:sha256"), (line("a", "k") + "x", "line 2"), (None, "read")],
)
def test_a_file_that_cannot_be_used_is_told_without_its_content(tmp_path: Path, text: str | None, told: str) -> None:
    path = tmp_path / "keys"
    if text is not None:
        path.write_text(text)
    with pytest.raises(KeysUnusable, match=told) as raised:
        read(path)
    assert line("a", "k").strip() not in str(raised.value)


@pytest.mark.parametrize(
    "headers",
    [
        {b"authorization": b"Bearer first"},
        {b"authorization": b"bearer  first"},
        {b"authorization": b"Basic " + base64.b64encode(b"anybody:first")},
        {b"x-api-key": b"first"},
    ],
    ids=["bearer", "spaces", "basic", "header"],
)
def test_a_key_may_come_as_a_token_a_header_or_a_browsers_password(headers: dict[bytes, bytes]) -> None:
    assert sent_key(headers) == b"first"


@pytest.mark.parametrize("credentials", [b"Basic !!!", b"Basic", b"Digest x", b""])
def test_what_is_no_key_is_none(credentials: bytes) -> None:
    assert not sent_key({b"authorization": credentials})


def test_a_browser_is_asked_for_a_password(file: Path) -> None:
    gate = Gate(Keys(file), Rate(0), Rate(0), Rate(10))
    with pytest.raises(Denied) as denied:
        gate.admit({}, "192.0.2.1")
    assert denied.value.status == 401
    assert "Basic" in denied.value.headers["www-authenticate"]


def test_a_key_asks_as_often_as_it_may_and_is_told_when_to_come_back(file: Path) -> None:
    gate = Gate(Keys(file), Rate(0.5, burst=2), Rate(0), Rate(10))
    assert [gate.admit(bearer("first"), "a"), gate.admit(bearer("first"), "b")] == ["old", "old"]
    with pytest.raises(Denied) as denied:
        gate.admit(bearer("first"), "c")
    assert (denied.value.status, denied.value.headers) == (429, {"retry-after": "2"})
    assert gate.admit(bearer("second"), "a") == "new"


def test_an_address_asks_as_often_as_it_may_with_whatever_keys() -> None:
    gate = Gate(None, Rate(0), Rate(1, burst=1), Rate(10))
    assert gate.admit({}, "a") is None
    with pytest.raises(Denied, match="too many"):
        gate.admit({}, "a")
    assert gate.admit({}, "b") is None


def test_an_address_that_tries_keys_out_is_slowed_down_and_the_right_key_still_works(file: Path) -> None:
    gate = Gate(Keys(file), Rate(0), Rate(0), Rate(10))
    statuses = []
    for attempt in range(40):
        with pytest.raises(Denied) as denied:
            gate.admit(bearer(f"guess {attempt}"), "a")
        statuses.append(denied.value.status)
    assert set(statuses) == {401, 429}
    assert gate.admit(bearer("first"), "a") == "old"
    with pytest.raises(Denied) as denied:
        gate.admit({}, "a")
    assert denied.value.status == 401


def test_tokens_come_back_with_time_up_to_the_burst() -> None:
    now = [0.0]
    rate = Rate(10, burst=3, clock=lambda: now[0])
    assert [rate.wait("a") for _ in range(4)] == [0, 0, 0, pytest.approx(0.1)]
    now[0] = 0.1
    assert (rate.wait("a"), rate.wait("a") > 0) == (0, True)
    now[0] = 100.0
    assert [rate.wait("a") > 0 for _ in range(4)] == [False, False, False, True]


def test_no_flood_of_addresses_fills_the_memory() -> None:
    rate = Rate(1)
    for caller in range(MOST_CALLERS + 500):
        rate.wait(str(caller))
    assert len(rate._buckets) == MOST_CALLERS


def test_the_command_makes_a_key_and_its_line() -> None:
    command = [sys.executable, "-m", "serving.access.keys"]
    done = subprocess.run([*command, "team-a"], capture_output=True, text=True, check=True, env=os.environ)
    key, made = (text for text in done.stdout.splitlines() if text.startswith(("slipway_", "team-a:")))
    assert made == line("team-a", key).strip()
    assert subprocess.run([*command, "a b"], capture_output=True, check=False).returncode == 2


def test_the_command_adds_the_line_to_a_file_and_prints_the_key_alone(file: Path) -> None:
    command = [sys.executable, "-m", "serving.access.keys", "team-a", "--add-to", str(file)]
    key = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    assert Keys(file).holder(key.encode()) == "team-a"
    assert Keys(file).holder(b"first") == "old"
    command[-1] = str(file / "inside-a-file")
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stdout, "cannot be written" in refused.stderr) == (2, "", True)
