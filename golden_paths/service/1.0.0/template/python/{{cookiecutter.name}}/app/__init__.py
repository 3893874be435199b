"""The service {{ cookiecutter.name }}."""
