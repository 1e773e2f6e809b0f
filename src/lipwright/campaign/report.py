"""What became of a campaign: a page and a table, with pictures of some of its videos."""

from __future__ import annotations

import csv
import html
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lipwright.core.atomic_file import atomic_write
from lipwright.media.safe_open import open_media

if TYPE_CHECKING:
    from lipwright.campaign.campaign import Campaign

SAMPLES = 6
"""Videos of which the page shows pictures."""
SHOTS = 4
"""Pictures of each."""
SHOT_HEIGHT = 160
LISTED = 500
"""Rows that were not made that the page lists; the table has all."""
COLUMNS = (
    "row", "state", "output", "attempts", "reason", "review", "duration", "seconds", "processor",
    "bytes", "characters",
)  # fmt: skip
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 60em; padding: 0 1em }}
table {{ border-collapse: collapse; width: 100% }}
td, th {{ text-align: left; vertical-align: top; padding: .35em 1em .35em 0;
  border-bottom: 1px solid #8888 }}
figure {{ margin: 0 0 1em }} img {{ max-width: 100%; border-radius: .4em }}
</style></head>
<body><h1>{title}</h1>
<table>{facts}</table>
{pictures}{faults}
<p>Every video is marked as AI-generated.</p></body></html>
"""


def write_report(campaign: Campaign, folder: Path, price: float = 0.0) -> Path:
    """Write `report.html` and `report.csv` to a folder; returns the page's path.

    price: of a million characters of a cloud voice, in any currency; 0 for none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write_table(campaign, folder / "report.csv")
    page = folder / "report.html"
    content = _PAGE.format(
        title=f"Campaign {html.escape(campaign.plan.name)}",
        facts="".join(
            f"<tr><th>{html.escape(name)}</th><td>{html.escape(value)}</td></tr>"
            for name, value in _facts(campaign, price).items()
        ),
        pictures=_pictures(campaign),
        faults=_not_made(campaign),
    )
    with atomic_write(page) as partial:
        partial.write_text(content, encoding="utf-8")
    return page


def _facts(campaign: Campaign, price: float) -> dict[str, str]:
    result = campaign.result()
    totals, counts = result.totals, result.counts
    done = max(1, counts["done"])
    facts = {state.capitalize(): f"{count:,}" for state, count in counts.items() if count}
    facts["To be looked at"] = f"{totals['review']:,}"
    facts["Length of all videos"] = f"{totals['duration'] / 60:,.1f} minutes"
    facts["Processor time"] = (
        f"{totals['processor'] / 60:,.1f} minutes, {totals['processor'] / done:.1f} s a video"
    )
    facts["Size"] = (
        f"{totals['bytes'] / 1e6:,.1f} MB, {totals['bytes'] / done / 1e6:.2f} MB a video"
    )
    facts["Characters spoken for single people"] = f"{totals['characters']:,}"
    if price:
        facts["Cost of them"] = f"{totals['characters'] / 1e6 * price:,.2f}"
    return facts


def _write_table(campaign: Campaign, path: Path) -> None:
    with atomic_write(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for row in campaign.ledger.rows(*campaign.result().counts):
            named = {**row, "row": row["number"]}
            writer.writerow([_plain(named[name]) for name in COLUMNS])


def _plain(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t"):
        return "'" + value
    return "" if value is None else value


def _not_made(campaign: Campaign) -> str:
    rows: list[str] = []
    for row in campaign.ledger.rows("failed", "faulty", "done"):
        reason = row["reason"] or row["review"]
        if not reason:
            continue
        if len(rows) == LISTED:
            rows.append("<tr><td colspan=3>and more: see report.csv</td></tr>")
            break
        state = "look at it" if row["state"] == "done" else row["state"]
        cells = (str(row["number"]), state, reason)
        rows.append("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>")
    if not rows:
        return ""
    head = "<tr><th>Row</th><th>State</th><th>Why</th></tr>"
    return f"<h2>Not made, or to be looked at</h2><table>{head}{''.join(rows)}</table>"


def _pictures(campaign: Campaign) -> str:
    """Strips of the first videos that lie here."""
    strips = []
    for row in campaign.ledger.rows("done"):
        path = Path(campaign.output) / row["output"]
        if path.is_file() and (strip := _strip(path)):
            picture = b64encode(strip).decode()
            strips.append(
                f'<figure><img alt="Row {row["number"]}" src="data:image/jpeg;base64,{picture}">'
                f"<figcaption>Row {row['number']}</figcaption></figure>"
            )
        if len(strips) == SAMPLES:
            break
    return f"<h2>Samples</h2>{''.join(strips)}" if strips else ""


def _strip(path: Path) -> bytes:
    """Some pictures of a video side by side, as a JPEG; empty where there are none."""
    import cv2
    import numpy as np

    shots = []
    with open_media(path) as container:
        stream: Any = container.streams.video[0]
        seconds = (container.duration or 0) / 1e6
        for shot in range(SHOTS):
            wanted = (shot + 0.5) * seconds / SHOTS
            container.seek(int(wanted * 1e6))
            frames = container.decode(stream)
            frame = next((one for one in frames if (one.time or 0) >= wanted), None)
            if frame is not None:
                width = round(frame.width * SHOT_HEIGHT / frame.height)
                shots.append(frame.reformat(width, SHOT_HEIGHT, "bgr24").to_ndarray())
    if not shots:
        return b""
    written, coded = cv2.imencode(".jpg", np.hstack(shots), [cv2.IMWRITE_JPEG_QUALITY, 80])
    return coded.tobytes() if written else b""
