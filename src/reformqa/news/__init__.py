"""News: on publishers' sites, in the library, and in the answers to saved questions."""
