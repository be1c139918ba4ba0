"""Spreadsheet template, reading, findings and derived variables."""
