"""All commands: importing them adds them to the application."""

from slipway.cli import (
    accepting,
    announcing,
    caching,
    commenting,
    deploying,
    imaging,
    making,
    operating,
    planning,
    reconciling,
    refreshing,
    reporting,
    running,
    stages,
    telling,
    tuning,
)

COMMANDS = (
    stages,
    refreshing,
    accepting,
    running,
    caching,
    operating,
    imaging,
    deploying,
    reconciling,
    telling,
    planning,
    commenting,
    reporting,
    announcing,
    making,
    tuning,
)
