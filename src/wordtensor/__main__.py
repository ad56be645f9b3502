"""Lets ``python -m wordtensor`` stand in for the installed command."""

from .cli import main

main()
