"""The few settings, each with a default that works, read from DATELINE_* where they are set."""

from __future__ import annotations

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

BUNDLED_MODEL = "all-MiniLM-L6-v2"


class Settings(BaseSettings):
    """Where the library is and what it is built with; every field is also DATELINE_<FIELD> in the environment."""

    model_config = SettingsConfigDict(env_prefix="DATELINE_")

    library: Path = Path("~/.local/share/dateline/library")
    """The folder of the library that commands and answer() use when none is named."""
    embedding_model: str = BUNDLED_MODEL
    """The bundled model, or any sentence-transformers name or folder."""
    chroma: str | None = None
    """Address of a Chroma server (http://host:port) that takes the place of the library's own Chroma folder."""
    llm: str | None = None
    """Chat model as provider:model; without one, answers are the articles' own sentences."""
    allow_private_addresses: bool = False
    """Whether addresses inside private networks may be fetched."""

    @property
    def asked_model(self) -> str | None:
        """The embedding model that somebody asked for; None leaves it to the library, which knows its own."""
        return self.embedding_model if "embedding_model" in self.model_fields_set else None
