"""Who a process is towards the servers it calls (docs/access.md)."""

from pathlib import Path

from pydantic import Field, SecretStr, field_validator

from mesh.access.bearer import Bearer, checked_bearer
from mesh.environment import EnvironmentSettings
from mesh.tls.settings import OptionalFile
from mesh.watched import Watched


class ClientAccessSettings(EnvironmentSettings):
    """The API key or token of the scanner, the client library and the command line."""

    spreadmesh_api_key: SecretStr = Field(
        default=SecretStr(""), description="API key or token that says who calls."
    )
    spreadmesh_api_key_file: OptionalFile = Field(
        default=None, description="A file with one instead, read again whenever it has changed."
    )

    @property
    def bearer(self) -> Bearer | None:
        """What goes with each call; None for nothing.

        Raises:
            OSError, ValueError: The file can't be read any more, or used.
        """
        if own := self.spreadmesh_api_key.get_secret_value():
            return own
        path = self.spreadmesh_api_key_file
        return None if path is None else Watched("API key or token", [path], lambda: _read(path)).current

    @field_validator("spreadmesh_api_key")
    @classmethod
    def _can_be_sent(cls, given: SecretStr) -> SecretStr:
        if given.get_secret_value():
            checked_bearer(given.get_secret_value())
        return given

    @field_validator("spreadmesh_api_key_file")
    @classmethod
    def _holds_one(cls, path: Path | None) -> Path | None:
        if path is not None:
            try:
                _read(path)
            except OSError as error:
                raise ValueError(f"can't be read: {error.strerror}") from None
        return path


def _read(path: Path) -> str:
    return checked_bearer(path.read_text().strip())
