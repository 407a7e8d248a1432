"""The web: chat simulator, desk, public pages, JSON API and webhooks in one application."""
