"""Customers of a telephone company, and which of them leave."""

from slipway.core.task import Task
from slipway.core.use_case import Categorical, Numeric, UseCase
from use_cases.churn.expectations import suite
from use_cases.churn.source import collect

FEATURES = (
    Categorical("female", "whether the customer is a woman"),
    Categorical("senior_citizen", "whether the customer is 65 or older"),
    Categorical("partner", "whether there is a partner in the household"),
    Categorical("dependents", "whether there are children or other dependents in the household"),
    Numeric("tenure", "months", "how long the customer has been one"),
    Categorical("phone_service", "whether there is a telephone line"),
    Categorical("multiple_lines", "whether there is more than one line"),
    Categorical("internet_service", "the kind of internet connection"),
    Categorical("online_security", "whether online security is booked"),
    Categorical("online_backup", "whether online backup is booked"),
    Categorical("device_protection", "whether device protection is booked"),
    Categorical("tech_support", "whether technical support is booked"),
    Categorical("streaming_tv", "whether television is streamed"),
    Categorical("streaming_movies", "whether films are streamed"),
    Categorical("contract", "how long the contract binds"),
    Categorical("paperless_billing", "whether bills come by e-mail"),
    Categorical("payment_method", "how the customer pays"),
    Numeric("monthly_charges", "US dollars", "the last monthly bill"),
    Numeric("total_charges", "US dollars", "everything billed so far; missing before the first bill"),
)

USE_CASE = UseCase(
    name="churn",
    title="Telephone customers who leave",
    task=Task.CLASSIFICATION,
    target="churn",
    positive="Yes",
    # The table has no customer number: a row is known by its content. The answer is left out, so that two customers
    # who look alike and decide differently stay on the same side of the split.
    key=tuple(feature.name for feature in FEATURES),
    features=FEATURES,
    collect=collect,
    expectations=suite(),
)
