"""The app's entry point: `make app`, or `reformqa app`. Its pages are in src/reformqa/app."""

from reformqa.app import run

run()
