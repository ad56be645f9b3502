"""Lets ``python -m wordtensor.cli`` stand in for the installed command."""

from . import main

main()
