"""The pages of the app, one module to a page. Pages use components, never the reverse."""

from reformqa.app.pages import (
    ask,
    briefing,
    compare,
    crosswalk,
    health,
    library,
    recommendations,
)
from reformqa.app.pages.page import Page

#: Every page, in the order of the navigation. The first is the start page.
PAGES: tuple[Page, ...] = (
    ask.PAGE,
    compare.PAGE,
    recommendations.PAGE,
    crosswalk.PAGE,
    briefing.PAGE,
    library.PAGE,
    health.PAGE,
)
