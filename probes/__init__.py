"""Observe: one small library that asks vendors questions and names what came of it.
Knows neither alerts nor monitor.
"""
