"""A study as Markdown, HTML and CSV."""
