"""The health page: whether this process reaches its databases."""

from django.db import connections
from django.db.utils import Error
from django.http import HttpRequest, JsonResponse

from lighttouch import __version__
from lighttouch.web.accounts.permissions import public


@public
def health(_request: HttpRequest) -> JsonResponse:
    """Answer 200 where every database answers, 503 where one does not."""
    databases = {alias: _answers(alias) for alias in connections}
    well = all(databases.values())
    return JsonResponse(
        {"well": well, "version": __version__, "databases": databases}, status=200 if well else 503
    )


def _answers(alias: str) -> bool:
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone() == (1,))
    except Error:
        return False
