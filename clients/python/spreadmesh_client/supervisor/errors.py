"""The one error of the supervisor."""


class SupervisorError(Exception):
    """The mesh could not be started, or one of its processes has ended; the message is for people."""
