"""What changed, in words: a file a noun; ``telling`` is what they share, ``pages`` shows them."""
