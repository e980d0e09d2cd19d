"""The WSGI application, nothing else: ``gunicorn wsgi:application``."""

from dsbs import create_app

application = create_app()
