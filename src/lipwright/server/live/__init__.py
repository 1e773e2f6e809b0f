"""Live sessions over HTTP: tickets, WebSocket and WebRTC, limits and numbers."""
