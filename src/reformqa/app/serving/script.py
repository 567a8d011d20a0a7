"""What Streamlit runs for each visitor and each click."""

from reformqa.app import run

run()
