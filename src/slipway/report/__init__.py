"""What people read: a decision record as Markdown, with charts in Mermaid."""
