"""What every part of a trial file shares: strict, frozen, no unknown keys."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Part(BaseModel):
    """A part of a trial file: immutable, and an error if it holds a key nobody defined."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        populate_by_name=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _freeze_lists(cls, values: Any) -> Any:  # noqa: ANN401 - any TOML value may arrive here
        """Turn TOML arrays into tuples, so that strict types stay immutable."""
        if not isinstance(values, dict):
            return values
        return {key: tuple(v) if isinstance(v, list) else v for key, v in values.items()}
