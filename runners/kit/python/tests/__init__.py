"""Tests of the kit: `python -B -m unittest` in this folder, with the Python of a runner's virtual environment."""
