"""The process that makes videos of a campaign, one row after the other."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from lipwright.campaign.fields import FieldFault
from lipwright.campaign.ledger import Task
from lipwright.campaign.maker import VideoMaker
from lipwright.campaign.plan import CampaignPlan
from lipwright.core.errors import LipwrightError, MediaError
from lipwright.pipeline.live.child import Parent


def main() -> None:
    """Make what the parent asks for, until it ends."""
    parent = Parent()
    opened = parent.inbox.get()
    if opened is None:
        return
    fields = opened.fields
    maker = VideoMaker(CampaignPlan(**fields["plan"]), fields["output"], Path(fields["state"]))
    while (message := parent.inbox.get()) is not None:
        task = Task(**message.fields)
        try:
            parent.send("made", **asdict(maker.make(task)))
        except (LipwrightError, FieldFault, OSError) as error:
            again = isinstance(error, MediaError | OSError)
            parent.send("failed", reason=str(error), again=again)
        except Exception as error:
            parent.send("failed", reason=f"{type(error).__name__}: {error}", again=True)


if __name__ == "__main__":
    main()
