"""Watches, proves and speaks: the language server, the command line and the sandbox behind them."""

__version__ = "0.1.0"
