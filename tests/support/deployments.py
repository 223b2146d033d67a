"""A release that manifests are made of, with words that YAML has to quote."""

from slipway.core.deployment import Deployment, Phase, Place

WANTED = Deployment(
    place=Place(use_case="a_case", environment="staging"),
    image=f"registry.example.org/acme/a_case@sha256:{'a' * 64}",
    version=3,
    record_digest="d" * 64,
    commit="c" * 40,
    release="run 7",
    actor='Ada: the "first"',
    phase=Phase.ROLLING,
    last_good="5fd99ff5c9",
)
