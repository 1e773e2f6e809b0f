"""The curves from sound beside the lips of people who speak freely, without drawing a frame.

    python benchmarks/wild.py [--json]

The folder of wild_clips.py (LIPWRIGHT_WILD) has the people; without it only what needs no
recordings is measured: synthesised speech, whose phones are known, and sounds in which nobody
speaks. The row `ridge` is a linear map from the ear's features to real lips, read from ridge.npz
beside this file. docs/measures.md has the definitions. Prints Markdown, or with --json everything,
clip by clip. Needs the `demo` extra.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from wild_clips import RATE, WildClip, find_wild, read_wild
from wild_measures import (
    compare,
    correlations,
    find_own_offset,
    pooled_closures,
    real_moving_in_silence,
    summarise,
)
from wild_mouths import RIDGE_FILE, Method, Mouth, choose_methods, mouths, stream_curves
from wild_sounds import UNSPOKEN, spoiled_sounds

import lipwright
from lipwright.articulation import Articulation, articulate
from lipwright.evaluation.metrics import correlation
from lipwright.evaluation.mouth_metrics import CLOSED_GAP
from lipwright.speech.speech import Speech

FPS = 25
UNSPOKEN_SECONDS = 30.0
CORRELATIONS = ("gap", "width", "gap_at_zero", "gap_at_found")
CLOSURES = ("recall_1", "precision_1", "recall_2", "precision_2")
CLEAN = "clean"
SPOILED_METHODS = ("ours", "ridge")
ENGLISH = (
    "Please bring the blue paper and my umbrella. Maybe Bob and Mike will come by train in May.",
    "The weather was far too warm for the old people, who usually sit outside after five.",
)
HINDI = (
    "कृपया मेरा नीला छाता और कागज़ लेकर आइए। शायद मोहन और बबीता कल सुबह की गाड़ी से आएँगे।",
    "आपका भुगतान अभी तक नहीं मिला है, इसलिए हम आपको फिर से फ़ोन कर रहे हैं।",
)
SPOKEN = (
    ("en-IN", ("anika", "arjun"), ENGLISH),
    ("hi-IN", ("hf_alpha", "hm_psi"), HINDI),
    ("en-US", ("af_heart", "am_michael"), ENGLISH),
    ("en-GB", ("bf_emma", "bm_george"), ENGLISH),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    options = parser.parse_args()
    clips = read_wild(find_wild())
    results = measure(clips)
    if options.json:
        print(json.dumps(without_nan(results), indent=1, ensure_ascii=False))
    else:
        print("\n".join(markdown(results)))


def measure(clips: Sequence[WildClip]) -> dict[str, Any]:
    """Everything that is printed, by section; those of real people only where there are clips."""
    results: dict[str, Any] = {}
    if clips:
        methods = choose_methods()
        results["people"] = on_people(clips, mouths(clips, methods))
        results["spoiled"] = on_spoiled(clips, methods)
        results["processor_time"] = time_curves(clips)
    results["spoken"] = on_synthesised()
    results["unspoken"] = on_unspoken()
    return results


def on_people(clips: Sequence[WildClip], made: dict[str, list[Mouth]]) -> dict[str, Any]:
    offsets = [find_own_offset(clip) for clip in clips]
    result: dict[str, Any] = {
        "offsets": {
            clip.name: {"given": clip.offset, **found.as_dict()}
            for clip, found in zip(clips, offsets, strict=True)
        },
        "real": {"silence_movement": summarise(map(real_moving_in_silence, clips))},
        "methods": {},
    }
    for method, one_each in made.items():
        found = [compare(*one) for one in zip(clips, one_each, offsets, strict=True)]
        result["methods"][method] = {
            **{name: summarise(clip[name] for clip in found) for name in found[0]},
            **pooled_closures(clips, one_each),
            "clips": {clip.name: values for clip, values in zip(clips, found, strict=True)},
        }
    return result


def on_spoiled(clips: Sequence[WildClip], methods: dict[str, Method]) -> dict[str, Any]:
    """Median and mean correlation of gap and width, by what was done to the sound and method."""
    found: dict[str, dict[str, list[dict[str, float]]]] = {}
    for clip in clips:
        for condition, sound in [(CLEAN, clip.sound), *spoiled_sounds(clip)]:
            for method in SPOILED_METHODS:
                if method in methods:
                    kept = found.setdefault(condition, {}).setdefault(method, [])
                    kept.append(correlations(clip, methods[method](sound, clip)))
    return {
        condition: {
            method: {name: summarise(one[name] for one in values) for name in ("gap", "width")}
            for method, values in by_method.items()
        }
        for condition, by_method in found.items()
    }


def time_curves(clips: Sequence[WildClip]) -> dict[str, float]:
    """Processor time of all threads as a share of the sound's length; networks are loaded."""
    ways = {"whole recordings": whole_curves, "as it arrives": stream_curves}
    return {
        name: processor_share(way, [clip.sound for clip in clips]) for name, way in ways.items()
    }


def whole_curves(sound: np.ndarray) -> Articulation:
    return articulate(Speech.from_samples(sound, RATE))


def processor_share(way: Callable[[np.ndarray], object], sounds: Sequence[np.ndarray]) -> float:
    started = time.process_time()
    for sound in sounds:
        way(sound)
    return (time.process_time() - started) * RATE / sum(map(len, sounds))


def on_synthesised() -> dict[str, Any]:
    """Correlation of the opening from sound with that from phones, of every voice and language."""
    result: dict[str, Any] = {}
    for language, voices, lines in SPOKEN:
        by_voice = {voice: voice_against_phones(voice, language, lines) for voice in voices}
        every = [value for values in by_voice.values() for value in values]
        result[language] = {"median": float(np.median(every)), "voices": by_voice}
    return result


def voice_against_phones(voice: str, language: str, lines: Sequence[str]) -> list[float]:
    found = []
    for line in lines:
        speech = lipwright.synthesize(line, voice=voice, language=language)
        assert speech.phones is not None
        heard = Speech.from_samples(speech.samples, speech.rate)
        times = np.arange(int(speech.duration * FPS)) / FPS
        found.append(correlation(*(opening(articulate(one), times) for one in (speech, heard))))
    return found


def on_unspoken() -> dict[str, Any]:
    """Share of the frames in which the mouth is open while nobody speaks, for each sound."""
    times = np.arange(int(UNSPOKEN_SECONDS * FPS)) / FPS
    return {
        name: {
            method: float((opening(way(sound), times) > CLOSED_GAP).mean())
            for method, way in (("ours", whole_curves), ("streaming", stream_curves))
        }
        for name, sound in ((name, make(UNSPOKEN_SECONDS)) for name, make in UNSPOKEN.items())
    }


def opening(articulation: Articulation, times: np.ndarray) -> np.ndarray:
    sampled = Articulation(articulation.rate, articulation.at(times))
    return sampled.channel("gap") + sampled.channel("drop")


def markdown(results: dict[str, Any]) -> Iterator[str]:
    if "people" in results:
        yield from show_people(results["people"])
        yield ""
        yield from show_spoiled(results["spoiled"])
        yield ""
        for name, share in results["processor_time"].items():
            yield f"Processor time, {name}: {100 * share:.2f} % of the sound's length."
    else:
        yield f"There are no clips in {find_wild()}: set LIPWRIGHT_WILD to where they are."
    yield ""
    yield from show_spoken(results["spoken"])
    yield ""
    yield from show_unspoken(results["unspoken"])


def show_people(people: dict[str, Any]) -> Iterator[str]:
    count = len(people["offsets"])
    yield f"{count} people who speak freely; median / mean over the clips, closures pooled:"
    yield ""
    yield (
        "| | gap | width | gap, lag 0 | gap, found offset | moving in silence "
        "| closures ±1: recall, precision | ±2: recall, precision |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    real = people["real"]["silence_movement"]
    yield f"| real | | | | | {pair(real, 3)} | | |"
    for method, found in people["methods"].items():
        scores = " | ".join(pair(found[name]) for name in CORRELATIONS)
        closures = [f"{found[name]:.2f}" for name in CLOSURES]
        yield (
            f"| {method} | {scores} | {pair(found['silence_movement'], 3)} "
            f"| {', '.join(closures[:2])} | {', '.join(closures[2:])} |"
        )
    if not RIDGE_FILE.exists():
        yield ""
        yield f"There is no {RIDGE_FILE.name}: the row of the linear map is missing."


def show_spoiled(spoiled: dict[str, Any]) -> Iterator[str]:
    methods = list(spoiled[CLEAN])
    yield "What the networks hear, spoiled (median / mean at the clips' offsets):"
    yield ""
    yield f"| sound | {' | '.join(f'{method}: gap | width' for method in methods)} |"
    yield "|---" + "|---|---" * len(methods) + "|"
    for condition, found in spoiled.items():
        cells = [pair(found[method][name]) for method in methods for name in ("gap", "width")]
        yield f"| {condition} | {' | '.join(cells)} |"


def show_spoken(spoken: dict[str, Any]) -> Iterator[str]:
    yield "Synthesised speech, the opening from sound against that from phones:"
    yield ""
    yield "| language | median | by voice |\n|---|---|---|"
    for language, found in spoken.items():
        voices = (f"{name} {np.mean(values):.2f}" for name, values in found["voices"].items())
        yield f"| {language} | {found['median']:.3f} | {', '.join(voices)} |"


def show_unspoken(unspoken: dict[str, Any]) -> Iterator[str]:
    yield f"Mouth open while nobody speaks, of {UNSPOKEN_SECONDS:g} s each:"
    yield ""
    yield "| sound | ours | streaming |\n|---|---|---|"
    for name, found in unspoken.items():
        yield f"| {name} | {100 * found['ours']:.1f} % | {100 * found['streaming']:.1f} % |"


def pair(summary: dict[str, float], digits: int = 2) -> str:
    return f"{summary['median']:.{digits}f} / {summary['mean']:.{digits}f}"


def without_nan(value: Any) -> Any:
    """The same with None for what is undefined: JSON has no NaN."""
    if isinstance(value, dict):
        return {name: without_nan(one) for name, one in value.items()}
    if isinstance(value, list):
        return [without_nan(one) for one in value]
    return None if isinstance(value, float) and math.isnan(value) else value


if __name__ == "__main__":
    main()
