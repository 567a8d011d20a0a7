"""The entry point of `make app` and `reformqa app`. The pages are in src/reformqa/app."""

from reformqa.app import run

run()
