"""Numbers to colours, colours to pixels, pixels to what a terminal takes. Pure: no Textual, no files."""
