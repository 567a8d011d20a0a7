"""Models: what one must do, the packaged one, and how others are exported."""
