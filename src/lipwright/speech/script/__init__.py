"""Scripts: plain text, SSML, Markdown, templates."""
