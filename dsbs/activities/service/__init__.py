"""What can be done with activities, their sessions, and seats; a file a story."""
