"""Tells that a release starts: the head of its thread."""

from collections.abc import Sequence

from slipway.core.release_thread import Announcement
from slipway.ports import Notifier, VersionControl


def announce(
    use_cases: Sequence[str],
    reason: str,
    notifier: Notifier,
    vcs: VersionControl,
    *,
    release: str | None,
    actor: str,
    run_url: str,
    commit_url: str,
) -> Announcement:
    """Announce a release; done again, it is done once.

    Args:
        release: its identity; without one, the commit names it.
        run_url, commit_url: pages about it; "" where there is none. The commit's hash is added to its own.
    """
    commit = vcs.commit()
    pages = {"run and report": run_url, "commit": f"{commit_url}/{commit}" if commit_url and _known(commit) else ""}
    announcement = Announcement(
        release=release or commit[:12],
        use_cases=tuple(dict.fromkeys(use_cases)),
        reason=reason,
        commit=_known(commit),
        actor=_known(actor),
        links={label: address for label, address in pages.items() if address},
    )
    notifier.announce(announcement)
    return announcement


def _known(value: str) -> str:
    return "" if value == "unknown" else value
