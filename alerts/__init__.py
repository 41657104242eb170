"""Tell: one small library that words alerts, delivers them and renders config patches.
Knows neither probes nor monitor.
"""
