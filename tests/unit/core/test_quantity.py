"""Amounts mean what Kubernetes means by them."""

from decimal import Decimal

import pytest

from slipway.core.errors import ParamsInvalid
from slipway.core.quantity import amount
from slipway.workspace.params import parse_params
from tests.support.documents import read


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("500m", "0.5"),
        ("2", "2"),
        ("1.5Gi", "1610612736"),
        ("128974848", "128974848"),
        ("129M", "129000000"),
        ("1e3", "1000"),
    ],
)
def test_an_amount_is_read(text: str, value: str) -> None:
    assert amount(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "2 Gi", "2GB", "-1", "Gi", "1.2.3", "٣", "2gi"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="an amount such as"):
        amount(text)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("memori: 2Gi", "did you mean memory?"),
        ("memory: 2GB", "an amount such as"),
        ("cpu: '0'", "more than nothing"),
        ("deadline_minutes: 0", "train_on.deadline_minutes"),
        ("secrets: [Not A Name]", "train_on.secrets"),
        ("tolerations: [{key: gpu, efect: NoSchedule}]", "did you mean effect?"),
        ("git: {url: 'https://ada:secret@example.org/x.git'}", "train_on.git.url"),
    ],
)
def test_a_field_that_cannot_be_is_refused_before_anything_is_asked(line: str, told: str) -> None:
    text = read("params.yaml").replace("    serve:", f"    train_on: {{{line}}}\n    serve:")
    with pytest.raises(ParamsInvalid) as refused:
        parse_params(text)
    assert told in str(refused.value)
