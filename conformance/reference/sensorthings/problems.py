"""Errors a request is answered with."""

from http import HTTPStatus


class Problem(Exception):
    """A request that is answered with an error; the message says what to do about it."""

    def __init__(self, status: HTTPStatus, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers


def bad(message: str) -> Problem:
    """The request is wrong (400)."""
    return Problem(HTTPStatus.BAD_REQUEST, message)


def missing(message: str = "There is nothing at this address.") -> Problem:
    """What is addressed does not exist (404)."""
    return Problem(HTTPStatus.NOT_FOUND, message)


def unsupported(message: str) -> Problem:
    """A system query option this service does not know (501, request-data/query-status-code)."""
    return Problem(HTTPStatus.NOT_IMPLEMENTED, message)


def not_allowed(method: str, allowed: str) -> Problem:
    """The resource does not know the method (405)."""
    return Problem(
        HTTPStatus.METHOD_NOT_ALLOWED, f"{method} is not possible here, only {allowed}.", Allow=allowed
    )
