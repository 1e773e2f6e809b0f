"""What a user wants besides the mark that every video carries: a label, consent, a signature."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from lipwright.core.errors import UsageError
from lipwright.core.option import option
from lipwright.core.validation import check_choice
from lipwright.media.video.containers import container_for
from lipwright.media.video.content_credentials import ContentCredentials, check_can_be_signed

Corner = Literal["top-left", "top-right", "bottom-left", "bottom-right"]
CORNERS: tuple[str, ...] = get_args(Corner)
LONGEST = 1000
"""Characters of what is said about consent."""
SIZES = 0.015, 0.2
"""Heights of a label, relative to the picture's."""


@dataclass(frozen=True)
class Provenance:
    """A visible label, what is kept about consent, and a C2PA signature.

    Raises:
        UsageError: a value that does not exist, or a certificate without its key.
    """

    label: str | None = option(
        None, 'Words in a corner of the picture, such as "AI generated".', shown=False
    )
    """Words that are seen in a corner of each frame of the file."""
    label_position: Corner = option("top-left", "The corner in which the label is seen.")
    """"top-left", "top-right", "bottom-left" or "bottom-right"."""
    label_size: float = option(0.03, "Height of the label's letters, of the picture's height.")
    """Relative to the height of the picture."""
    consent: str | None = option(
        None, "What to keep in the file about the consent of the person shown.", shown=False
    )
    """Kept in the file's metadata, and in the signed manifest."""
    c2pa_certificate: str | Path | None = option(
        None, "Sign the video (C2PA) with this PEM certificate chain.", shown=False
    )
    """PEM: the signer's certificate, then those that issued it. Signs .mp4, .m4v and .mov."""
    c2pa_key: str | Path | None = option(
        None, "The certificate's private key: PEM, PKCS#8.", shown=False
    )
    """PEM, in PKCS#8, without a password."""

    def __post_init__(self) -> None:
        """Check all that can be checked without files."""
        check_choice("label position", self.label_position, CORNERS)
        if self.label is not None and not self.label.strip():
            raise UsageError("The label is empty: say what it shall read.", option="label")
        if not SIZES[0] <= self.label_size <= SIZES[1]:
            raise UsageError(
                f"A label of {self.label_size} of the picture's height cannot be drawn: give "
                f"{SIZES[0]} to {SIZES[1]}.",
                option="label-size",
            )
        if self.consent is not None and len(self.consent) > LONGEST:
            raise UsageError(
                f"The words about consent are {len(self.consent)} characters long: give at most "
                f"{LONGEST}.",
                option="consent",
            )
        if (self.c2pa_certificate is None) != (self.c2pa_key is None):
            raise UsageError("Signing needs both a certificate and its private key: give both.")

    @property
    def metadata(self) -> dict[str, str]:
        """Return the tags that the file gets besides those of every video."""
        return {} if self.consent is None else {"consent": self.consent}

    def credentials(self, output: Path) -> ContentCredentials | None:
        """Return what a file is signed with; None for nothing.

        Raises:
            UsageError: a kind of file that is not signed, or files that cannot sign.
            MediaError: a file that cannot be read.
            MissingExtraError: the optional part "c2pa" is not installed.
        """
        if self.c2pa_certificate is None or self.c2pa_key is None:
            return None
        check_can_be_signed(container_for(output), output)
        return ContentCredentials(Path(self.c2pa_certificate), Path(self.c2pa_key))
