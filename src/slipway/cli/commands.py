"""All commands: importing them adds them to the application."""

from slipway.cli import (
    announcing,
    caching,
    commenting,
    deploying,
    imaging,
    making,
    operating,
    planning,
    refreshing,
    reporting,
    running,
    stages,
    telling,
)

COMMANDS = (
    stages,
    refreshing,
    running,
    caching,
    operating,
    imaging,
    deploying,
    telling,
    planning,
    commenting,
    reporting,
    announcing,
    making,
)
