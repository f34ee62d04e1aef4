"""What cannot work, and the sentence that says so: technique → part of the sentence → networks of the zoo ("*": all)."""

REFUSALS: dict[str, dict[str, tuple[str, ...]]] = {}
