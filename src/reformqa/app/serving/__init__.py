"""What Streamlit's server is given: the script, and what it answers besides.

The script has a folder of its own because Streamlit takes a folder `pages` beside it for its pages.
"""
