"""The platform: a Django project that collects and delivers, and calls the core to compute."""
