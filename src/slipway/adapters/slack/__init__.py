"""Slack: one thread a release with a bot token, plain messages with an incoming webhook."""
