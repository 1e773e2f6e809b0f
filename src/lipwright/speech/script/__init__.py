"""What is to be said: plain text, SSML, Markdown, templates."""
