"""A Lease holds who is at work and what was done; what others write into it does no harm."""

import json

import pytest

from slipway.core.claim import DEEDS_KEPT, Claim, Deed
from slipway.core.deployment import Place
from slipway.deploying.lease import claim_of, lease_of

PLACE = Place(use_case="a_case", environment="staging")
DEED = Deed(what="deploy", version=3, digest="", release="run 7", actor="ada", at="2026-11-21T10:00:00Z")
CLAIM = Claim(holder="Ada", seconds=15, taken_at="2026-11-21T10:00:00.000000Z", deeds=(DEED,), mark="7")


def test_a_claim_is_read_back_as_it_was_written() -> None:
    lease = lease_of(PLACE, "slipway-staging", CLAIM)
    assert (lease["metadata"]["name"], lease["metadata"]["namespace"]) == ("a-case-endpoint", "slipway-staging")
    assert claim_of(lease) == CLAIM


def test_without_a_mark_it_is_a_new_lease() -> None:
    assert "resourceVersion" not in lease_of(PLACE, "any", CLAIM.model_copy(update={"mark": ""}))["metadata"]


@pytest.mark.parametrize("noted", ["", "no JSON", "{}", "null", '[1, "two", {"what": "deploy"}]'])
def test_deeds_that_we_did_not_write_are_left_out(noted: str) -> None:
    metadata = {"resourceVersion": "7", "annotations": {"slipway.io/deeds": noted}}
    assert claim_of({"metadata": metadata}) == Claim(mark="7")


def test_what_we_wrote_stays_beside_what_others_did() -> None:
    metadata = {"resourceVersion": "7", "annotations": {"slipway.io/deeds": json.dumps([3, DEED.model_dump()])}}
    assert claim_of({"metadata": metadata}).deeds == (DEED,)


def test_only_the_last_deeds_are_kept() -> None:
    claim = Claim()
    for number in range(DEEDS_KEPT + 5):
        claim = claim.beginning(DEED.model_copy(update={"version": number}))
    assert [deed.version for deed in claim.deeds] == list(range(5, DEEDS_KEPT + 5))


def test_the_longest_history_fits_into_an_annotation() -> None:
    long = DEED.model_copy(
        update={"digest": f"sha256:{'a' * 64}", "actor": "a" * 60, "outcome": "failed: " + "w" * 200}
    )
    lease = lease_of(PLACE, "any", Claim(deeds=(long,) * DEEDS_KEPT))
    assert len(lease["metadata"]["annotations"]["slipway.io/deeds"].encode()) < 256 * 1024
