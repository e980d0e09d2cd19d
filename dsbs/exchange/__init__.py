"""Tables and calendars in and out; previews of imports."""
