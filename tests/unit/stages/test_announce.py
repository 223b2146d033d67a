from slipway.adapters.git import Git
from slipway.adapters.terminal import RecordingNotifier
from slipway.core.release_thread import Announcement
from slipway.stages.announce import announce


class Repository(Git):
    """Knows one commit."""

    def __init__(self, commit: str) -> None:
        self._told = commit

    def commit(self) -> str:
        return self._told


def told(commit: str = "a" * 40, **settings: str | None) -> Announcement:
    notifier = RecordingNotifier()
    pages = {"run_url": "https://g.example.org/runs/7", "commit_url": "https://g.example.org/commit"}
    known = {"release": "7", "actor": "ana", **pages} | settings
    announce(["churn", "homes", "churn"], "a merge", notifier, Repository(commit), **known)
    return notifier.thread.announcement


def test_a_release_is_announced_with_its_pages() -> None:
    assert told() == Announcement(
        release="7",
        use_cases=("churn", "homes"),
        reason="a merge",
        commit="a" * 40,
        actor="ana",
        links={"run and report": "https://g.example.org/runs/7", "commit": f"https://g.example.org/commit/{'a' * 40}"},
    )


def test_what_nobody_knows_is_left_out() -> None:
    found = told("unknown", actor="unknown", run_url="")
    assert (found.commit, found.actor, found.links) == ("", "", {})


def test_a_release_without_an_identity_is_called_by_its_commit() -> None:
    assert told(release=None).release == "a" * 12
