"""The library for assistants and programs: one set of tools, over MCP and over HTTP."""
