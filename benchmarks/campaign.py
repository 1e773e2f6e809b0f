"""What a campaign costs beside a loop of the command line, and what of it can be seen and heard.

    python benchmarks/campaign.py [--people N] [--drawn-people N] [--loop N] [--rows N]
        [--quality Q] [--short] [--against NAME=SRC ...] [--read-back]

A reminder of which four fifths are the same for everybody is made for some people: by the command
line, a run each; with the speech of what is for everybody kept; and with its pictures kept as well.
`--against` names the src folder of another checkout, whose command line takes turns with this one:
`--against "before the faster voice=../other/src"`.
Processor seconds are those of all processes. Then a table is checked, joints between parts are
measured in the pictures and the sound, and, with --read-back (extra `proof`), a recogniser hears
names, amounts and dates. Prints Markdown.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from processes import run_program
from speed import describe_machine

from lipwright.campaign.begin import begin_campaign
from lipwright.campaign.maker import VideoMaker
from lipwright.campaign.people import PeopleTable
from lipwright.campaign.plan import CampaignPlan
from lipwright.campaign.template import read_template
from lipwright.cli.demo import find_sample_portrait

SCRIPT = (
    "Namaste {name:name}! My name is Anika, and I am here to guide you through your credit card "
    "dues. Your bill of {amount:currency} is due on {due:date}. Missing this payment could lead to "
    "two consequences. First, a late fee will be added to your outstanding balance. Second, your "
    "credit score will be affected, which may change what you can borrow. Please pay through UPI "
    "or bank transfer, with the link in this message. Our office is open from nine to five on all "
    "working days, and we are glad to help. Thank you!"
)
SHORT_SCRIPT = (
    "Namaste {name:name}! Your credit card bill is due this week. Please pay it with the link in "
    "this message. Thank you!"
)
NAMES = (
    "Mathangi", "Ravi", "Asha", "Gurpreet", "Lakshmi", "Arjun", "Fatima", "Joseph", "Ananya",
    "Vikram", "Priya", "Harish", "Meenakshi", "Tenzin", "Suresh", "Kavita", "Debashish", "Nandini",
    "Imran", "Rukmini", "Balaji", "Shalini", "Jaspreet", "Thomas", "Padma", "Rohan", "Zoya",
    "Venkatesh", "Lalita", "Bhupen",
)  # fmt: skip
DATE_MONTHS = 12
JOINED = 15
"""Videos whose joints are measured: about 60."""
PORTRAIT = find_sample_portrait()
PROGRAM = """
import resource, sys, time
from pathlib import Path
from lipwright.campaign.check import check_people
from lipwright.campaign.people import PeopleTable
from lipwright.campaign.plan import CampaignPlan
began = time.perf_counter()
result = check_people(CampaignPlan(sys.argv[1], sys.argv[2]), PeopleTable(Path(sys.argv[3])))
used = resource.getrusage(resource.RUSAGE_SELF)
print(result.good, time.perf_counter() - began, used.ru_maxrss / 1024)
"""


class Cost(NamedTuple):
    """What some videos took."""

    videos: int
    processor: float
    """Seconds of all processes."""

    @property
    def each(self) -> float:
        """Processor seconds for one video."""
        return self.processor / self.videos


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument(
        "--drawn-people", type=int, default=40, help="people for whom all but the speech is made"
    )
    parser.add_argument("--loop", type=int, default=4, help="people for whom the command line runs")
    parser.add_argument("--short", action="store_true", help="a reminder of 7 s, with a name alone")
    parser.add_argument("--rows", type=int, default=100_000, help="rows that are checked")
    parser.add_argument("--quality", choices=("low", "medium", "high"), default="high")
    parser.add_argument(
        "--against",
        action="append",
        default=[],
        metavar="NAME=SRC",
        help="another command line: what it is called, and the src folder of its checkout",
    )
    parser.add_argument("--read-back", action="store_true")
    options = parser.parse_args()
    print(f"Machine: {describe_machine()}; load before {os.getloadavg()[0]:.1f}.\n")
    with tempfile.TemporaryDirectory(prefix="lipwright-campaign-") as folder:
        for line in measure(options, Path(folder)):
            print(line, flush=True)


def measure(options: argparse.Namespace, folder: Path) -> Iterator[str]:
    """The lines of the report."""
    people = folder / "people.csv"
    people.write_text("name,amount,due\n" + "".join(rows(options.people)), encoding="utf-8")
    script = SHORT_SCRIPT if options.short else SCRIPT
    loops = by_command_line(script, options.loop, folder, options.quality, options.against)
    costs = dict(loops)
    few = folder / "few.csv"
    few.write_text("name,amount,due\n" + "".join(rows(options.drawn_people)), encoding="utf-8")
    for reuse, table in (("speech", few), ("segments", people)):
        costs[f"a campaign, {reuse} kept"] = by_campaign(
            script, reuse, table, folder, options.quality
        )
    yield f"| quality {options.quality} | videos | processor s a video | {' | '.join(loops)} |"
    yield "|---|---|---|" + "---|" * len(loops)
    for name, cost in costs.items():
        ratios = (f"{loop.each / cost.each:.1f} times as many" for loop in loops.values())
        yield f"| {name} | {cost.videos} | {cost.each:.2f} | {' | '.join(ratios)} |"
    yield ""
    yield checked_rows(options.rows, folder)
    yield ""
    yield from joints(folder / "segments")
    if options.read_back:
        yield ""
        yield from heard(folder)


def rows(count: int) -> Iterator[str]:
    for number in range(count):
        name = NAMES[number % len(NAMES)]
        day, month = 1 + number * 7 % 28, 1 + number % DATE_MONTHS
        yield f"{name},{100 + number * 317 % 90_000},2025-{month:02d}-{day:02d}\n"


def by_command_line(
    script: str, count: int, folder: Path, quality: str, against: list[str]
) -> dict[str, Cost]:
    """A run for each person: of this checkout, and of others in turns with it."""
    sources: dict[str, Path | None] = {"the command line in a loop": None}
    for given in against:
        name, _, source = given.rpartition("=")
        sources[f"the same, {name or 'of another checkout'}"] = Path(source)
    template, processor = read_template(script), dict.fromkeys(sources, 0.0)
    video = folder / "loop.mp4"
    for row in rows(count):
        name, amount, due = row.strip().split(",")
        text = template.text({"name": name, "amount": amount, "due": due}, "en-IN")
        command = ["sync", "--image", PORTRAIT, "--text", text, "--quality", quality, "--no-cache",
                   "--quiet", "--output", video]  # fmt: skip
        for loop, source in sources.items():
            processor[loop] += run_program("-m", "lipwright", *command, source=source).processor
            video.unlink()
    return {loop: Cost(count, seconds) for loop, seconds in processor.items()}


def by_campaign(script: str, reuse: str, people: Path, folder: Path, quality: str) -> Cost:
    plan = CampaignPlan(script, str(PORTRAIT), reuse=reuse, options={"quality": quality})  # type: ignore[arg-type]
    before = processor_seconds()
    campaign, _ = begin_campaign(plan, PeopleTable(people), str(folder / reuse))
    done = campaign.run().counts["done"]
    campaign.close()
    return Cost(done, processor_seconds() - before)


def processor_seconds() -> float:
    """Of this process and all that have ended below it."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def checked_rows(count: int, folder: Path) -> str:
    table = folder / "many.csv"
    with table.open("w", encoding="utf-8") as file:
        file.write("name,amount,due\n")
        for number in range(count):
            letters = "".join(chr(97 + number // 26**place % 26) for place in range(4))
            file.write(f"Asha {letters},{number + 1},2025-03-31\n")
    program = [sys.executable, "-c", PROGRAM, SCRIPT, PORTRAIT, table]
    ran = subprocess.run(program, capture_output=True, text=True, check=True)
    good, seconds, memory = ran.stdout.split()
    return f"{int(good):,} rows are checked in {float(seconds):.1f} s and {float(memory):.0f} MB."


def joints(output: Path) -> Iterator[str]:
    """Pictures and sound where parts meet, beside those within them."""
    at_joints, inside, clicks, flux = [], [], [], []
    for video in sorted(output.rglob("*.mp4"))[:JOINED]:
        steps, keys, sound = steps_of(video)
        meet = {key for key in keys if key}
        for frame, step in enumerate(steps, 1):
            (at_joints if frame in meet else inside).append(step)
        change = spectral_flux(sound)
        for frame in meet:
            place = round(frame / 25 * 44_100 / 512)
            clicks.append(change[max(0, place - 2) : place + 3].max())
        flux.extend(change)
    yield (
        f"{len(at_joints)} key frames, joints among them: pictures change by "
        f"{np.median(at_joints):.2f} levels on average (most {max(at_joints):.2f}); within parts "
        f"{np.median(inside):.2f} (99th percentile {np.percentile(inside, 99):.2f}, most "
        f"{max(inside):.2f})."
    )
    yield (
        f"Spectral flux there: most {max(clicks):.2f}; within the speech "
        f"{np.percentile(flux, 99):.2f} (99th percentile)."
    )


def steps_of(video: Path) -> tuple[list[float], list[int], np.ndarray]:
    """Mean changes from frame to frame in levels, numbers of key frames, and the sound."""
    keys, steps, before = [], [], None
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        for packet in container.demux(stream):
            if packet.size and packet.is_keyframe:
                keys.append(round(float(packet.pts * packet.time_base) * 25))
    with av.open(str(video)) as container:
        for frame in container.decode(video=0):
            grey = frame.reformat(format="gray").to_ndarray().astype(np.int16)
            if before is not None:
                steps.append(float(np.abs(grey - before).mean()))
            before = grey
    with av.open(str(video)) as container:
        sound = np.concatenate([block.to_ndarray()[0] for block in container.decode(audio=0)])
    return steps, keys, sound


def spectral_flux(sound: np.ndarray) -> np.ndarray:
    """How much louder frequencies become from one window of 512 samples to the next."""
    windows = sound[: len(sound) // 512 * 512].reshape(-1, 512) * np.hanning(512)
    spectra = np.abs(np.fft.rfft(windows, axis=1))
    return np.maximum(np.diff(spectra, axis=0, prepend=spectra[:1]), 0).sum(axis=1)


def heard(folder: Path) -> Iterator[str]:
    """Names, amounts and dates by an offline recogniser."""
    from lipwright.campaign.read_back import ReadBack

    plan = CampaignPlan(SCRIPT, str(PORTRAIT))
    maker, template = VideoMaker(plan, str(folder / "x"), folder / "x-state"), read_template(SCRIPT)
    read_back, wrong, count = ReadBack(), [], 0
    for row in rows(len(NAMES)):
        values = dict(zip(("name", "amount", "due"), row.strip().split(","), strict=True))
        for passage in template.passages(values, "en-IN"):
            if passage.personal:
                count += len(passage.values)
                speech = maker.passage_speech(values, passage)
                wrong += read_back.differences(passage, speech)
    share = 100 - 100 * len(wrong) / count
    yield f"Heard as asked: {count - len(wrong)} of {count} values ({share:.1f} %)."
    yield from (f"- {difference}" for difference in wrong)


if __name__ == "__main__":
    main()
