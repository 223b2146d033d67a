"""What a pod must be told to reach, and whether it can."""

import re
from urllib.parse import urlsplit

from slipway.core.errors import JobRefused

_HERE = re.compile(r"localhost|127\..*|0\.0\.0\.0|::1|")


def settings_of_a_pod(tracking_uri: str, run_cache: str | None, base: str) -> dict[str, str]:
    """Environment variables for whatever runs in a cluster.

    Raises:
        JobRefused: MLflow or the run cache are on this machine, or their address holds a password.
    """
    reasons = _against("MLFLOW_TRACKING_URI", tracking_uri, schemes={"http", "https"})
    settings = {"MLFLOW_TRACKING_URI": tracking_uri, "SLIPWAY_BASE": base}
    if run_cache is not None:
        reasons += _against("SLIPWAY_RUN_CACHE", run_cache, schemes=None)
        settings["SLIPWAY_RUN_CACHE"] = run_cache
    if reasons:
        raise JobRefused(
            "\n  - ".join(["a pod could not work with these settings, so nothing was submitted:", *reasons]),
            cause="they are meant for this machine",
            next_step="set them to what the cluster reaches, logins in a Secret that train_on.secrets names",
        )
    return settings


def _against(name: str, address: str, *, schemes: set[str] | None) -> list[str]:
    """Why a pod cannot use an address; the address itself may hold a secret, and is not repeated."""
    parts = urlsplit(address)
    if not parts.scheme or parts.scheme == "file" or (schemes and parts.scheme not in schemes):
        return [f"{name} is a file or folder of this machine, or is not set"]
    reasons = []
    if "@" in parts.netloc:
        reasons.append(f"{name} holds a login, which everybody could read in the Job")
    if parts.scheme in {"http", "https"} and _HERE.fullmatch(parts.hostname or ""):
        reasons.append(f"{name} points to this machine ({parts.hostname}), which is another one in a pod")
    return reasons
