"""Where templates run: Jinja's sandbox, with a price on what could grow or never end.

Values are born as JSON. There is no loader, no global but `range`, and an allow-list of
filters, tests and methods. What a template does costs steps, and no value outgrows a
body: a hostile template ends by itself, and alike on every machine, without a clock.
"""
