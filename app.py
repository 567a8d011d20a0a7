"""The entry point of `make app` and `reformqa app`. The pages are in src/reformqa/app."""

from streamlit.starlette import App

from reformqa.app.serving.server import MIDDLEWARE, ROUTES, SCRIPT

app = App(SCRIPT, routes=ROUTES, middleware=MIDDLEWARE)
