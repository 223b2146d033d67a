"""Trades of apartments as the Ministry of Land (MOLIT) publishes them: asking, understanding, keeping."""
