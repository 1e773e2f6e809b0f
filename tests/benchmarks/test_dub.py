"""The yardstick of dubbing, on made-up faces whose truth is known, and on a portrait's film."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from tests.benchmarks.modules import benchmark_modules

from lipwright.articulation import CHANNELS
from lipwright.cli.demo import find_sample_portrait
from lipwright.core.rect import Rect
from lipwright.face import FaceFinder
from lipwright.face.finder import make_face
from lipwright.face.landmark_indices import LIPS
from lipwright.media.image.read import read_image
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.source import open_video_source
from lipwright.media.video.writer import VideoWriter

MODULES = (
    "edge_measures",
    "dub_clips",
    "dub_methods",
    "dub_measures",
    "dub_pictures",
    "dub_chin",
    "dub_speed",
    "dub_tables",
    "dub",
)
FPS, FRAMES, WIDTH = 25.0, 100, 40.0
PLACES = {
    33: (110, 110), 133: (130, 110), 362: (150, 110), 263: (170, 110), 168: (140, 110),
    6: (140, 118), 197: (140, 126), 195: (140, 134), 5: (140, 142), 2: (140, 150),
    61: (120, 170), 291: (160, 170), 13: (140, 170), 14: (140, 170), 0: (140, 163),
    17: (140, 180), 152: (140, 205), 78: (123, 170), 308: (157, 170), 10: (140, 70),
}  # fmt: skip


@pytest.fixture(scope="module")
def dub() -> Iterator[SimpleNamespace]:
    """The modules of the benchmark, by name."""
    with benchmark_modules(*MODULES) as modules:
        yield modules


def made_up_face() -> np.ndarray:
    """float64 (478, 3) px: a resting mouth, 40 px wide; all lips lie within its corners."""
    points = np.random.default_rng(0).uniform((115, 120, -5), (165, 200, 5), (478, 3))
    points[list(LIPS), :2] = np.random.default_rng(1).uniform((122, 165), (158, 178), (80, 2))
    for number, place in PLACES.items():
        points[number, :2] = place
    return points


def made_up_track(opening: np.ndarray, moved: bool = True) -> np.ndarray:
    """float64 (T, 478, 3): a mouth that opens, (T,) mouth widths, in a head that moves or not."""
    track = np.repeat(made_up_face()[None], len(opening), axis=0)
    for lip in (14, 17):
        track[:, lip, 1] += WIDTH * opening
    if moved:
        for row, time in enumerate(np.arange(len(opening)) / FPS):
            turn = (1 + 0.1 * np.sin(time)) * cv2.Rodrigues(
                np.array([0, 0, 0.1 * np.sin(2 * time)])
            )[0]
            track[row] = track[row] @ turn.T + [20 * np.sin(time), 5 * np.cos(time), 0]
    return track


def talk(seed: int, frames: int = FRAMES) -> np.ndarray:
    """An opening that is now and then closed, (frames,)."""
    noise = np.random.default_rng(seed).standard_normal(frames + 20)
    return np.maximum(np.convolve(noise, np.hanning(7), "same")[10:-10], 0) / 10


def mouths(seed: int) -> np.ndarray:
    return np.stack([talk(seed), talk(seed + 1) - 0.1, talk(seed + 2)], axis=1)


def textured(seed: int = 0, size: int = 280) -> np.ndarray:
    noise = np.random.default_rng(seed).uniform(0, 255, (size, size, 3))
    soft = cv2.GaussianBlur(noise, (0, 0), 4)
    return np.clip((soft - soft.mean()) * 5 + 128, 20, 235).astype(np.uint8)


def view_of(dub: SimpleNamespace, image: np.ndarray, landmarks: np.ndarray):
    landmarks = landmarks.astype(np.float32)
    return dub.dub_clips.View(
        image, Rect(0, 0, *image.shape[1::-1]), make_face(landmarks, 1.0), landmarks
    )


def film_of(dub: SimpleNamespace, opening: np.ndarray):
    views = [view_of(dub, textured(), one) for one in made_up_track(opening)]
    sound = np.zeros(len(opening) * 640, np.float32)
    return dub.dub_clips.Film("made up", Path("none.mp4"), Fraction(25), views, sound)


def test_a_head_is_followed_whatever_the_mouth_does(dub):
    rest, angles, sizes = made_up_face(), np.radians([3, -4, 5]), [1, 1, 1, 1, 1.1]
    turned = [rest @ cv2.Rodrigues(axis)[0].T for axis in np.diag(angles)]
    track = np.stack([rest, *turned, sizes[-1] * rest + 9])
    track[:, [*LIPS, *range(148, 153)], 1] += 4.0  # px
    views = [view_of(dub, textured(), one) for one in track]
    film = dub.dub_clips.Film("made up", Path("none.mp4"), Fraction(25), views, np.zeros(5))
    turns, size = film.heads[:, :3], film.heads[:, 3] / film.heads[0, 3]
    assert turns[1:4] == pytest.approx(-2 * np.diag(np.sin(angles)), abs=1e-5)
    assert np.abs(turns[[0, 4]]).max() < 1e-5
    assert size == pytest.approx(sizes, abs=1e-4)


def test_a_mouth_is_measured_whatever_the_head_does(dub):
    opening = talk(0)
    film = film_of(dub, opening)
    assert film.mouth[:, 0] == pytest.approx(opening, abs=2e-3)
    assert np.abs(film.mouth[:, 1:]).max() < 5e-3
    assert film.curves.shape == (FRAMES, len(CHANNELS))
    gap = film.curves[:, CHANNELS.index("gap")]
    smooth = np.maximum(dub.dub_clips.smoothed(opening[:, None])[:, 0], 0)
    assert gap == pytest.approx(smooth, abs=3e-3)
    assert np.corrcoef(gap, opening)[0, 1] > 0.98


def test_curves_do_not_tremble_with_the_landmarks_of_single_frames(dub):
    opening = 0.15 - 0.1 * np.cos(2 * np.pi * np.arange(FRAMES) / FPS)  # once a second
    tremble = 0.01 * np.random.default_rng(0).standard_normal(FRAMES)
    still, shaken = (
        dub.dub_clips.smoothed(rows[:, None])[:, 0] for rows in (opening, opening + tremble)
    )
    assert still[2:-2] == pytest.approx(opening[2:-2], abs=1e-3)
    shake = np.abs(np.diff(tremble, 2)).mean()
    assert np.abs(np.diff(shaken - still, 2)).mean() < 0.6 * shake


def test_an_expression_is_measured_and_speech_is_not_one(dub):
    measures, opening = dub.dub_measures, talk(0)
    film = film_of(dub, opening)
    heard = np.stack([opening, np.zeros(FRAMES), np.zeros(FRAMES)], axis=1)

    def seen(points: np.ndarray) -> np.ndarray:
        return measures.expression(points, film.mouth, heard, FPS)

    points = film.ruler.points(film.landmarks)
    real = seen(points)
    smiling = points.copy()
    smiling[:, [61, 291], 1] -= 0.1
    smiling[:, 61, 0] -= 0.04
    off = measures.expression_off(seen(smiling), real)
    assert off["corners high"] == pytest.approx(10, abs=0.2)
    assert off["corners wide"] == pytest.approx(4, abs=0.2)
    assert off["cheeks"] == off["folds"] == pytest.approx(0, abs=1e-6)
    speaking = points.copy()
    speaking[:, [61, 291], 1] += 0.5 * opening[:, None]
    assert measures.expression_off(seen(speaking), real)["corners high"] < 0.5
    unheard = points.copy()  # moves with nothing that is heard
    unheard[:, [61, 291], 1] += 0.1 * talk(40)[:, None]
    assert measures.expression_off(seen(unheard), real)["corners high"] < 2
    lifted = points.copy()
    lifted[:, measures.CHEEKS, 1] -= 0.05
    assert measures.expression_off(seen(lifted), real)["cheeks"] == pytest.approx(5, abs=0.2)


def test_the_width_that_speech_makes_is_no_expression(dub):
    measures, opening, width = dub.dub_measures, talk(0), talk(5)
    film = film_of(dub, opening)
    points = film.ruler.points(film.landmarks)
    points[:, 291, 0] += width
    quiet, said = (np.stack([opening, one, 0 * opening], axis=1) for one in (0 * width, width))
    real = measures.expression(film.ruler.points(film.landmarks), film.mouth, quiet, FPS)
    heard = measures.expression(points, film.mouth, said, FPS)
    assert measures.expression_off(heard, real)["corners wide"] < 0.2
    smile = measures.expression(points, film.mouth, quiet, FPS)
    assert measures.expression_off(smile, real)["corners wide"] > 2


def test_without_speech_in_a_film_another_sound_is_said(dub, tmp_path, monkeypatch):
    monkeypatch.setenv("LIPWRIGHT_GRID", str(tmp_path))
    silent = film_of(dub, talk(0))
    assert not dub.dub.said_instead(silent).any()
    (tmp_path / "s1").mkdir()
    (tmp_path / "s1" / "clip.mp4").touch()
    said = np.ones(32000, np.float32)
    monkeypatch.setattr(dub.dub, "open_video_source", lambda path: SimpleNamespace(duration=2.0))
    monkeypatch.setattr(dub.dub, "read_sound", lambda path, seconds: said)
    assert dub.dub.said_instead(silent) is said


def test_the_slow_part_keeps_what_is_slow_up_to_the_ends(dub):
    slow = dub.dub_measures.slow_part
    steady = np.full((FRAMES, 2), 3.0)
    assert slow(steady, FPS) == pytest.approx(steady)
    quick = np.sin(2 * np.pi * 5 * np.arange(FRAMES) / FPS)[:, None]
    assert np.abs(slow(quick, FPS)[13:-13]).max() < 0.1


def test_a_copy_leaks_wholly_and_a_new_mouth_does_not(dub):
    leak, measures = dub.dub_measures.leak, dub.dub_measures
    old, asked = mouths(0), mouths(10)

    def numbers(drawn: np.ndarray) -> list[tuple[float, float]]:
        found = leak(drawn, old, asked, FPS)
        names = [f"leak {name}" for name in measures.MOUTH]
        return [(measures.leaked([found[n]]), measures.left_over([found[n]])) for n in names]

    for one, left in numbers(old):
        assert (one, left) == pytest.approx((1, 1))
    for one, left in numbers(asked + 0.01 * mouths(20)):
        assert one < 0.4 and abs(left) < 0.01
    for one, left in numbers(0.9 * asked + 0.3 * old):
        assert one == pytest.approx(1) and left == pytest.approx(0.3)
    for one, left in numbers(asked - 0.3 * old):
        assert one == pytest.approx(1) and left == pytest.approx(-0.3)


def test_the_film_s_slow_expression_is_no_leak(dub):
    measures, asked = dub.dub_measures, mouths(10)
    smile = 0.3 * np.sin(2 * np.pi * np.arange(FRAMES) / 200)[:, None]
    drawn = asked + 0.01 * mouths(20)
    pooled = [
        measures.leaked([measures.leak(drawn + smile, old + smile, asked, FPS)["leak width"]])
        for old in (mouths(0), mouths(30))
    ]
    assert max(pooled) < 0.4


def test_leaks_of_many_clips_are_taken_together(dub):
    measures = dub.dub_measures
    against = [(0.5, 1.0, 1.0), (-0.5, 1.0, 1.0)]
    assert measures.leaked(against) == 0 and measures.median_leak(against) == 0.5
    assert measures.left_over([(1.0, 9.0, 4.0), (1.0, 9.0, 4.0)]) == 0.25
    four = [*against, (0.6, 1.0, 1.0), (-0.2, 1.0, 1.0)]
    assert measures.median_leak(four, together=2) == pytest.approx((0.55 + 0.35) / 2)
    assert measures.median_leak(against, together=4) == 0


def test_by_chance_is_less_than_a_copy(dub):
    old = mouths(0)
    found = dub.dub_measures.leak(old, old, mouths(10), FPS)
    assert dub.dub_measures.leaked([found["leak gap by chance"]]) < 0.5


def test_gaps_and_closures(dub):
    follow = dub.dub_measures.gap_followed
    asked = np.array([0.0, 0.0, 0.2, 0.0, 0.0, 0.1, 0.3, 0.0, 0.0])
    assert follow(asked, asked) == pytest.approx({"gap": 1, "shut": 1, "open": 1})
    drawn = asked.copy()
    drawn[3], drawn[0] = 0.06, 0.06  # the first frame is silence
    assert follow(drawn, asked)["shut"] == 0.5
    assert follow(1 - asked, asked)["gap"] == pytest.approx(-1)
    assert follow(2 * asked, asked)["open"] == pytest.approx(2)
    assert np.isnan(follow(asked, asked + 0.1)["shut"])
    assert all(np.isnan(value) for value in follow(asked, 0 * asked).values())


def test_a_darker_mouth_is_an_error_and_a_softer_one_has_other_edges(dub):
    pictures = dub.dub_pictures
    view = view_of(dub, textured(), made_up_face())
    same = pictures.against_real(view.image, view, view)
    assert same == {"mouth": 0, "face": 0, "edges": 0}
    darker = pictures.against_real(view.image - np.uint8(10), view, view)
    assert darker["mouth"] == darker["face"] == 10 and darker["edges"] < 0.01
    softer = pictures.against_real(cv2.GaussianBlur(view.image, (0, 0), 4), view, view)
    assert softer["edges"] > 1
    other = view.image.copy()
    box = pictures.mouth_box(view.landmarks)
    other[: box.y0] = 0
    other[:, : box.x0] = 0
    assert pictures.against_real(other, view, view)["mouth"] == 0
    assert pictures.against_real(other, view, view)["face"] > 1


def test_the_real_frame_is_brought_to_where_the_head_is(dub):
    picture, face = textured(), made_up_face()
    matrix = cv2.getRotationMatrix2D((140, 140), 5, 1.05) + [[0, 0, 6], [0, 0, -3]]
    moved = cv2.warpAffine(picture, matrix, picture.shape[1::-1], flags=cv2.INTER_CUBIC)
    there = face.copy()
    there[:, :2] = (face[:, :2] - 0.5) @ matrix[:, :2].T + matrix[:, 2] + 0.5
    view, real = view_of(dub, moved, there), view_of(dub, picture, face)
    found = dub.dub_pictures.against_real(moved, view, real)
    assert found["mouth"] < 1.5
    assert dub.dub_pictures.against_real(picture, view, real)["mouth"] > 10


def test_flicker_is_what_changes_to_and_fro(dub):
    views = [view_of(dub, textured(), made_up_face())] * 6
    still = [views[0].image] * 6
    flicker = dub.dub_pictures.flicker
    assert flicker(still, views) == 0
    rising = [image + np.uint8(n) for n, image in enumerate(still)]
    assert flicker(rising, views) == pytest.approx(0, abs=0.5)
    trembling = [image + np.uint8(4 * (n % 2)) for n, image in enumerate(still)]
    assert flicker(trembling, views) == pytest.approx(4, abs=0.2)


def test_a_chin_is_followed_by_its_skin_and_lost_behind_a_hand(dub):
    image, landmarks = textured(), made_up_face()
    rest = view_of(dub, image, landmarks)
    lower = cv2.warpAffine(image, np.array([[1, 0, 0], [0, 1, 4.0]]), image.shape[1::-1])
    hand = image.copy()
    hand[150:] = 90
    moved = landmarks + [7, 3, 0]  # the head moves, and the chin with it
    away = cv2.warpAffine(image, np.array([[1, 0, 7.0], [0, 1, 3]]), image.shape[1::-1])
    views = [rest, rest, rest, view_of(dub, away, moved)]
    for patches in dub.dub_chin.PATCHES.values():
        found = dub.dub_chin.movement_of_skin([image, lower, hand, away], views, rest, patches)
        assert found[[0, 1, 3]] == pytest.approx([0, 4 / WIDTH, 0], abs=0.01)
        assert np.isnan(found[2])


def test_skin_beside_a_chin_is_followed_on_both_sides(dub):
    image, landmarks = textured(), made_up_face()
    rest, middle = view_of(dub, image, landmarks), round(float(landmarks[152, 0]))
    lower = cv2.warpAffine(image, np.array([[1, 0, 0], [0, 1, 4.0]]), image.shape[1::-1])
    half = np.where(np.arange(image.shape[1])[:, None] < middle, lower, image)
    sides = dub.dub_chin.PATCHES["skin beside it"]
    found = dub.dub_chin.movement_of_skin([half], [rest], rest, sides)
    assert found == pytest.approx([2 / WIDTH], abs=0.01)


def test_a_chin_that_is_mostly_lost_is_unknown(dub):
    lost = float("nan")
    assert dub.dub_chin.filled(np.array([0.0, lost, 0.2, 0.3])) == pytest.approx([0, 0.1, 0.2, 0.3])
    assert dub.dub_chin.filled(np.array([0.0, lost, lost, 0.3])) is None
    unknown = dub.dub_measures.UNKNOWN
    assert dub.dub_measures.median_leak([unknown, (0.5, 1.0, 1.0)]) == 0.5
    assert np.isnan(dub.dub_measures.median_leak([unknown]))


def test_a_hard_edge_is_a_seam_and_a_soft_one_is_not(dub):
    view = view_of(dub, textured(), made_up_face())
    inside = np.zeros(view.image.shape[:2], np.float32)
    cv2.ellipse(inside, (140, 180), (60, 40), 0, 0, 360, 1.0, -1)
    soft = cv2.GaussianBlur(inside, (0, 0), 8)
    hard, blended = (
        (view.image + 30 * mask[..., None]).clip(0, 255).astype(np.uint8) for mask in (inside, soft)
    )
    near, whole = dub.dub_pictures.seam([hard], [view])
    near_soft, _ = dub.dub_pictures.seam([blended], [view])
    assert near > 1.1 and whole > 1.1 and near_soft < 1.1
    assert all(np.isnan(dub.dub_pictures.seam([view.image], [view])))


def test_another_person_is_told(dub):
    views = [view_of(dub, textured(), made_up_face())] * 20
    landmarks = np.stack([view.landmarks for view in views])
    same, real = dub.dub_pictures.identity([view.image for view in views], landmarks, views)
    assert same == real == pytest.approx(1, abs=1e-5)
    other, _ = dub.dub_pictures.identity([textured(5)] * 20, landmarks, views)
    assert other < 0.5


def test_the_nearest_frame_is_the_one_with_the_lips(dub):
    bank = film_of(dub, np.linspace(0, 0.4, 41))
    nearest = dub.dub_methods.NearestFrame(bank)
    wanted = bank.landmarks[[7, 30]]
    assert nearest.numbers(dub.dub_methods.Wanted(bank.curves, landmarks=wanted)).tolist() == [
        7,
        30,
    ]
    curves = np.zeros((2, len(CHANNELS)), np.float32)
    curves[1, CHANNELS.index("gap")] = 0.4
    closed, opened = nearest.numbers(dub.dub_methods.Wanted(curves))
    assert closed < 10 and opened > 35
    drawn = list(nearest(bank, dub.dub_methods.Wanted(bank.curves, landmarks=bank.landmarks)))
    assert len(drawn) == 41 and np.abs(drawn[0].astype(int) - bank.views[0].image).max() <= 1


def test_only_frames_whose_lips_differ_are_another_moment_s(dub):
    opening = np.repeat([0.0, 0.3], 50)
    changes = dub.dub.lip_changes(film_of(dub, opening), 7)
    assert len(changes) == 93
    assert np.flatnonzero(changes > dub.dub.FAR).tolist() == list(range(43, 50))


def test_a_film_left_alone_is_told_from_one_that_says_something_else(dub):
    known = dub.dub.known_lips(film_of(dub, talk(0)), dub.dub_methods.left_alone)
    assert known["mouth own"] == 0 and known["flicker own"] == 1
    assert known["far"] > 0 and known["mouth later"] >= 0


@pytest.fixture(scope="module")
def portrait_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portrait that moves to and fro, 32 frames."""
    picture = cv2.resize(read_image(find_sample_portrait()), (384, 450))
    path = tmp_path_factory.mktemp("films") / "portrait.mp4"
    with VideoWriter(path, OutputSpec((384, 450), Fraction(25))) as video:
        for number in range(32):
            shift = np.array([[1, 0, 6 * np.sin(number / 3)], [0, 1, 0]], np.float32)
            video.write(cv2.warpAffine(picture, shift, (384, 450), borderMode=cv2.BORDER_REPLICATE))
    return path


@pytest.fixture(scope="module")
def watched(dub, portrait_film):
    found = dub.dub_clips.watch(portrait_film, FaceFinder())
    assert found is not None
    return found


def test_films_are_cut_and_joined_without_loss(dub, watched, tmp_path):
    first, second = dub.dub_clips.halves(watched, tmp_path)
    again = dub.dub_clips.joined([first, second], "again", tmp_path / "again.mp4")
    assert (len(first.views), len(second.views), len(again.views)) == (16, 16, 32)
    assert len(again.sound) == len(watched.sound)
    whole = open_video_source(watched.path).pictures(range(32))
    for one, other in zip(whole, open_video_source(again.path).pictures(range(32)), strict=True):
        assert np.array_equal(one, other)


def test_a_film_without_a_face_is_not_watched(dub, tmp_path):
    with VideoWriter(tmp_path / "grey.mp4", OutputSpec((64, 64), Fraction(25))) as video:
        for _ in range(12):
            video.write(np.full((64, 64, 3), 90, np.uint8))
    assert dub.dub_clips.watch(tmp_path / "grey.mp4", FaceFinder()) is None


def test_curves_open_the_mouth_of_another_film_than_the_bank_s(dub, watched, tmp_path):
    first, second = dub.dub_clips.halves(watched, tmp_path)
    curves = np.zeros((16, len(CHANNELS)), np.float32)
    curves[8:, CHANNELS.index("gap")] = 0.2
    drawn = list(dub.dub_methods.Dub.of(first)(second, dub.dub_methods.Wanted(curves)))
    finder = FaceFinder()
    landmarks = np.stack(
        [
            dub.dub_clips.look_again(one, view.face, finder)
            for one, view in zip(drawn, second.views, strict=True)
        ]
    )
    opening = watched.ruler.mouth(landmarks)[:, 0]
    assert opening[:7].max() < 0.05 and opening[9:].min() > 0.1
    top = second.views[0].box.height // 4
    assert np.array_equal(drawn[12][:top], second.views[12].image[:top])


def test_a_film_is_measured_from_end_to_end(dub, watched, tmp_path, capsys):
    sound = (0.1 * np.random.default_rng(0).standard_normal(len(watched.sound))).astype(np.float32)
    rows = list(dub.dub.measure_film(watched, sound, FaceFinder(), tmp_path))
    assert [row.method for row in rows] == ["dub", "nearest frame", "frame itself"]
    dubbed, _, alone = (row.numbers for row in rows)
    assert alone["mouth own"] == 0 and np.isnan(alone["mouth later"]) and alone["far"] == 0
    assert dub.dub_measures.leaked([alone["leak width"]]) == pytest.approx(1)
    assert 0.9 < dubbed["alike"] <= 1.001
    dub.dub_tables.print_tables([*rows, *(row._replace(group="other") for row in rows)], "GRID")
    tables = capsys.readouterr().out.strip().split("\n\n")
    assert len(tables) == 6
    for table in tables:
        head, _, *lines = table.splitlines()
        names = [line.split("|")[1].strip() for line in lines]
        assert names == ["portrait"] * 3 + ["other"] * 3 + ["all films (2)"] * 3
        assert {line.count("|") for line in lines} == {head.count("|")}


def test_clips_for_bank_and_dubs_are_different_ones(dub, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("LIPWRIGHT_GRID", str(tmp_path))
    assert dub.dub.choose_clips(2, 3) == ([], [])
    assert "LIPWRIGHT_GRID" in capsys.readouterr().out
    (tmp_path / "s1").mkdir()
    for number in range(10):
        (tmp_path / "s1" / f"{number}.mp4").touch()
    lent, dubbed = dub.dub.choose_clips(2, 3)
    assert [path.stem for path in lent] == ["0", "3", "6"]
    assert len(dubbed) == 2 and not set(lent) & set(dubbed)


def test_pictures_are_padded_to_the_size_that_is_timed(dub):
    padded = dub.dub_speed.padded(np.full((288, 360, 3), 7, np.uint8))
    assert padded.shape == (1080, 1920, 3) and (padded == 7).all()
