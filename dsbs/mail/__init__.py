"""The outbox: a message is a row before it is a mail."""
