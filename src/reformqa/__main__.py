"""`python -m reformqa` is the command line."""

from reformqa.cli import main

main()
