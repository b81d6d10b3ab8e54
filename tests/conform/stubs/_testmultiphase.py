from _absent import __getattr__
