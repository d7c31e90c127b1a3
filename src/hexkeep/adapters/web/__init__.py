"""The pages people see: rendered here, working without script, on Jinja2."""
