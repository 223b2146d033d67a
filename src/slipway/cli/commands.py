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
    reporting,
    running,
    stages,
    telling,
)

COMMANDS = (
    caching,
    stages,
    running,
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
