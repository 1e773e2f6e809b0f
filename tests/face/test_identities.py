"""Who is in pictures and films, told apart by look, and chosen by number, place or reference."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.helpers import astronaut_path, hopper_path
from tests.pairs import both, other_portrait
from tests.videos import moved_portrait, portrait, turned_portrait, write_film

from lipwright.core.errors import FaceError, MediaError, UsageError
from lipwright.face import FaceFinder
from lipwright.face.contact_sheet import draw_sheet
from lipwright.face.embedding import SIMILARITY_THRESHOLD, FaceEmbedding
from lipwright.face.identities import match_identities, people_in_image, people_in_video
from lipwright.face.speaker_selection import FollowPerson, Speaker, check_different, choose_person
from lipwright.face.tracker import FaceTracker
from lipwright.media.video.source import open_video_source
from lipwright.media.video.yuv_frame import YuvFrame


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    return FaceFinder()


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    """Hopper alone for 20 frames, the astronaut for 10, hopper again for 10."""
    frames = [moved_portrait(i) for i in range(20)]
    frames += [other_portrait(i) for i in range(10)] + [moved_portrait(i) for i in range(20, 30)]
    return write_film(tmp_path_factory.mktemp("people") / "cuts.mp4", frames)


@pytest.fixture(scope="module")
def people(film, finder):
    return people_in_video(open_video_source(film), finder)


def test_one_person_looks_alike_and_two_do_not(finder):
    def look(image):
        return FaceEmbedding.of(image, finder.find(image)[0])

    hopper = [look(moved_portrait(9 * i)) for i in range(5)]
    assert min(a.similarity(b) for a in hopper for b in hopper) > SIMILARITY_THRESHOLD + 0.05
    assert (
        max(look(other_portrait()).similarity(known) for known in hopper)
        < SIMILARITY_THRESHOLD - 0.1
    )


def test_a_head_that_turns_fast_stays_one_person(finder, tmp_path):
    turns = [0.0] * 11 + [0.06, 0.2, 0.42, 0.64] + [0.75] * 8
    pictures = [turned_portrait(turn) for turn in turns]
    before, after = (
        FaceEmbedding.of(image, finder.find(image)[0]) for image in (pictures[0], pictures[-1])
    )
    assert before.similarity(after) < SIMILARITY_THRESHOLD - 0.1
    video = open_video_source(write_film(tmp_path / "turn.mp4", pictures))
    people = people_in_video(video, finder)
    assert [person.share for person in people] == [pytest.approx(1)]
    tracker = FaceTracker(finder, FollowPerson(people[0], people))
    frames = list(tracker.track(video.frames(range(video.count))))
    assert [(frame.shot, frame.face is None) for frame in frames] == [(0, False)] * len(turns)


def test_two_people_in_one_place_are_not_joined_across_a_cut(finder, tmp_path):
    pictures = [moved_portrait(i) for i in range(12)] + [other_portrait(i) for i in range(12)]
    video = open_video_source(write_film(tmp_path / "two.mp4", pictures))
    assert len(people_in_video(video, finder)) == 2


def test_looks_do_not_depend_on_light_or_size(finder):
    image = moved_portrait(0)
    (face,) = finder.find(image)
    small = cv2.resize(image, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA)
    known = FaceEmbedding.of(image, face)
    assert known.similarity(FaceEmbedding.of((image * 0.5).astype(np.uint8), face)) > 0.97
    assert known.similarity(FaceEmbedding.of(small, face.scaled(0.4, 0.4))) > 0.97


def test_everybody_in_a_picture_has_a_number(finder):
    picture = both(0)
    faces = finder.find(picture)
    found = people_in_image(picture, faces)
    assert [person.number for person in found] == [0, 1]
    assert found[0].height > found[1].height
    assert [person.face for person in found] == faces


def test_everybody_in_a_film_is_listed_once(people):
    assert [person.number for person in people] == [0, 1]
    hopper, astronaut = people
    assert hopper.share == pytest.approx(0.75, abs=0.1)
    assert astronaut.share == pytest.approx(0.25, abs=0.1)
    assert hopper.first == 0 and 0.75 <= astronaut.first <= 1.05
    assert all(number < 20 or number >= 30 for number, _ in hopper.sightings)


def test_a_head_that_moves_stays_one_person(tmp_path, finder):
    path = write_film(tmp_path / "one.mp4", [moved_portrait(3 * i) for i in range(40)])
    (person,) = people_in_video(open_video_source(path), finder)
    assert person.share == 1


def test_a_film_whose_person_is_seen_late_and_briefly(tmp_path, finder):
    grey = np.full((480, 480, 3), 128, np.uint8)
    frames = [grey] * 172 + [moved_portrait(i) for i in range(6)] + [grey] * 6
    path = write_film(tmp_path / "late.mp4", frames)
    source = open_video_source(path)
    (person,) = people_in_video(source, finder)
    assert 6.8 < person.first < 7.2


def test_a_film_without_people(tmp_path, finder):
    path = write_film(tmp_path / "empty.mp4", [np.full((64, 64, 3), 90, np.uint8)] * 3)
    assert people_in_video(open_video_source(path), finder) == []


def test_strangers_are_nobody(people, finder):
    picture = both(0)
    faces = finder.find(picture)
    hopper = [person for person in people if person.number == 0]
    left = [(face.box[0] + face.box[2]) / 2 < 480 for face in faces]
    named = match_identities(picture, faces, people)
    assert [person and person.number for person in named] == [
        0 if is_left else 1 for is_left in left
    ]
    alone = match_identities(picture, faces, hopper)
    assert [person is not None for person in alone] == left


def follow(finder, images, person, people):
    tracker = FaceTracker(finder, FollowPerson(person, people))
    return [frame.face is not None for frame in tracker.track(map(YuvFrame.of, images))]


def test_a_person_is_followed_across_cuts_and_others_are_left_alone(people, finder):
    images = [moved_portrait(i) for i in range(8)] + [other_portrait()] * 8
    images += [moved_portrait(i) for i in range(8, 16)]
    assert follow(finder, images, people[0], people) == [True] * 8 + [False] * 8 + [True] * 8
    assert follow(finder, images, people[1], people) == [False] * 8 + [True] * 8 + [False] * 8


def test_the_only_person_of_a_film_is_never_lost(people, finder):
    """Not even where nothing is recognised: behind a soft lens, after a cut."""
    soft = [cv2.GaussianBlur(moved_portrait(i), (0, 0), 9) for i in range(8)]
    known = [
        person.similarity(FaceEmbedding.of(soft[0], finder.find(soft[0], any_face=True)[0]))
        for person in people
    ]
    assert max(known) < SIMILARITY_THRESHOLD
    images = [np.zeros_like(soft[0])] * 2 + soft
    assert follow(finder, images, people[0], people[:1]) == [False] * 2 + [True] * 8
    assert not any(follow(finder, images, people[0], people))
    passer_by = replace(people[1], share=0.01)
    assert follow(finder, images, people[0], [people[0], passer_by]) == [False] * 2 + [True] * 8


def test_a_passer_by_is_not_taken_for_the_only_person(people, finder):
    passer_by = replace(people[1], share=0.01)
    assert follow(finder, [other_portrait()] * 4, people[0], [people[0], passer_by]) == [False] * 4


def test_places_mean_the_face_that_is_there(finder):
    picture = both(0)
    found = people_in_image(picture, finder.find(picture))
    for person in found:
        assert choose_person(found, Speaker.of(person.place), "both.png") is person
        text = f"{person.place[0]} , {person.place[1]}"
        assert choose_person(found, Speaker.of(text), "both.png") is person
    with pytest.raises(FaceError, match=r"no face at 5,470 in both.png: choose one of 0 at \d+"):
        choose_person(found, Speaker.of((5, 470)), "both.png")


def test_references_mean_who_looks_like_them(people, film, tmp_path):
    reference = tmp_path / "hopper = me.png"
    cv2.imwrite(str(reference), cv2.convertScaleAbs(portrait(), alpha=0.8, beta=30))
    for path, number in ((reference, 0), (hopper_path(), 0), (astronaut_path(), 1)):
        chosen = choose_person(people, Speaker.of(f"somebody={path}"), str(film))
        assert chosen.number == number
    with pytest.raises(
        FaceError, match="Nobody in film.mp4 is similar enough to .*number 0, the most"
    ):
        choose_person(people[:1], Speaker.of(f"a={astronaut_path()}"), "film.mp4")
    with pytest.raises(MediaError, match="nobody.jpg"):
        choose_person(people, Speaker.of("a=nobody.jpg"), str(film))
    cv2.imwrite(str(tmp_path / "grey.png"), np.full((99, 99, 3), 99, np.uint8))
    with pytest.raises(FaceError, match="No human face was found in .*grey.png"):
        choose_person(people, Speaker.of(f"a={tmp_path / 'grey.png'}"), str(film))


def test_auto_is_the_largest_and_says_so(people, caplog):
    with caplog.at_level(logging.INFO, "lipwright"):
        assert choose_person(people, Speaker.of("auto"), "x.mp4") is people[0]
    assert (
        "x.mp4 has 2 faces: the largest speaks" in caplog.text
        and "another speaker from 0 to 1" in caplog.text
    )


@pytest.mark.parametrize("wrong", ["", "x", "-1", -1, True, "1,", "1,2,3", "a=", "=a.jpg", 1.5])
def test_what_means_nobody(wrong):
    with pytest.raises(UsageError, match="is no speaker: give auto, a number from 0, X,Y in px"):
        Speaker.of(wrong)


def test_speakers_are_written_as_they_are_read():
    for text in ("auto", "3", "120,45.5", "anna=pictures/a=b.jpg"):
        assert str(Speaker.of(text)) == text


def test_nobody_speaks_twice(people):
    twice = [(Speaker.of("0"), people[0]), (Speaker.of("9,9"), people[0])]
    with pytest.raises(UsageError, match="0 and 9,9 are one person, number 0: give each person"):
        check_different(twice)


def test_sheets_show_everybody(people):
    one, two = draw_sheet(people[:1], ["a"]), draw_sheet(people, ["a", "b"])
    assert two.shape[1] > 1.8 * one.shape[1] and two.shape[0] == one.shape[0]
    np.testing.assert_array_equal(two[:, : one.shape[1] - 20], one[:, : one.shape[1] - 20])
