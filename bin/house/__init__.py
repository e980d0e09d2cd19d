"""What bin/run does: sets the house up in one data folder and keeps its processes together.

Standard library only: it runs on the machine's own Python, before there is an environment.
"""
