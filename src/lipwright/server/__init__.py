"""The HTTP server: videos as jobs, live sessions, and the studio, a page that uses both."""
