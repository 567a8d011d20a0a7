"""Processes with limits on time and memory, for whatever a stranger's file may overload."""
