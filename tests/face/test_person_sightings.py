"""A person is followed through many frames of a video, and nobody else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.pairs import both, other_portrait
from tests.videos import moved_portrait, write_film

from lipwright.face import FaceFinder
from lipwright.face.face import Face
from lipwright.face.identities import Person, people_in_video
from lipwright.face.person_sightings import SEARCH_EVERY, follow_person
from lipwright.media.video.source import VideoSource, open_video_source

GREY = np.full((480, 480, 3), 128, np.uint8)


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    return FaceFinder()


@pytest.fixture(scope="module")
def cuts(tmp_path_factory) -> Path:
    """Hopper for 24 frames, the astronaut in the same place for 24, nobody, Hopper again."""
    alone = [moved_portrait(i) for i in range(24)] + [other_portrait(i) for i in range(24)]
    frames = [*alone, *[GREY] * 12, *(moved_portrait(i) for i in range(24, 36))]
    return write_film(tmp_path_factory.mktemp("sightings") / "cuts.mp4", frames)


@pytest.fixture(scope="module")
def pair(tmp_path_factory) -> Path:
    frames = [both(i) for i in range(24)]
    return write_film(tmp_path_factory.mktemp("sightings") / "pair.mp4", frames)


def sightings(
    video: VideoSource, people: list[Person], number: int, finder: FaceFinder
) -> dict[int, Face]:
    """The face in each of the frames that are looked at and in which the person is seen."""
    looked = [place for run in video.sample_runs() for place in run]
    pictures = [frame.bgr() for frame in video.frames(looked)]
    found = {}
    for frame, face in follow_person(video, people[number], people, finder):
        picture = frame.bgr()
        off = [np.abs(picture.astype(int) - one).mean() for one in pictures]
        found[looked[int(np.argmin(off))]] = face
    return found


class CountingFinder(FaceFinder):
    """Counts searches of whole frames."""

    searches = 0

    def find(self, image: np.ndarray, any_roll: bool = False, any_face: bool = False) -> list[Face]:
        self.searches += 1
        return super().find(image, any_roll, any_face)


def test_a_person_is_followed_where_they_are(cuts, finder):
    video = open_video_source(cuts)
    people = people_in_video(video, finder)
    assert len(people) == 2
    seen = [set(sightings(video, people, place, finder)) for place in (0, 1)]
    looked = {number for run in video.sample_runs() for number in run}
    hopper, astronaut = sorted(seen, key=lambda numbers: min(numbers))
    there = {n for n in looked if n < 24 or n >= 60}
    assert hopper <= there and len(there - hopper) < SEARCH_EVERY
    assert astronaut == {n for n in looked if 24 <= n < 48}


def test_two_people_in_a_picture_are_not_mixed_up(pair, finder):
    video = open_video_source(pair)
    people = people_in_video(video, finder)
    for person in people:
        found = sightings(video, people, person.number, finder)
        assert len(found) == sum(len(run) for run in video.sample_runs())
        side = person.place[0] < 480
        assert all((face.landmarks[1, 0] < 480) == side for face in found.values())


def test_landmarks_are_those_of_the_frame(cuts, finder):
    video = open_video_source(cuts)
    people = people_in_video(video, finder)
    hopper = min(people, key=lambda person: person.first)
    for frame, face in follow_person(video, hopper, people, finder):
        expected = finder.find(frame.bgr())[0]
        off = np.abs(face.landmarks[:, :2] - expected.landmarks[:, :2]).mean()
        assert off < 0.01 * expected.height


def test_whole_frames_are_searched_only_where_the_face_was_lost(cuts):
    finder = CountingFinder()
    video = open_video_source(cuts)
    people = people_in_video(video, finder)
    hopper = min(people, key=lambda person: person.first)
    finder.searches = 0
    seen = list(follow_person(video, hopper, people, finder))
    missed = sum(len(run) for run in video.sample_runs()) - len(seen)
    assert missed >= 8
    # at the start, where the face is lost, and every few frames until it is found again
    assert finder.searches <= 3 + -(-missed // SEARCH_EVERY)


def test_each_run_begins_with_a_search(cuts, monkeypatch):
    """Runs are far apart: where a face was at the end of one says nothing."""
    finder = CountingFinder()
    video = open_video_source(cuts)
    people = people_in_video(video, finder)
    monkeypatch.setattr(VideoSource, "sample_runs", lambda _: [range(0, 4), range(20, 24)])
    hopper = min(people, key=lambda person: person.first)
    finder.searches = 0
    assert len(list(follow_person(video, replace(hopper, sightings=()), people, finder))) == 8
    assert finder.searches == 2
    finder.searches = 0
    assert {0, 20} <= {number for number, _ in hopper.sightings}
    assert len(list(follow_person(video, hopper, people, finder))) == 8
    assert finder.searches == 0


def test_where_the_person_was_seen_the_face_is_the_same(cuts, finder):
    video = open_video_source(cuts)
    people = people_in_video(video, finder)
    for person in people:
        known = dict(person.sightings)
        found = sightings(video, people, person.number, finder)
        both_ways = [number for number in found if number in known]
        assert len(both_ways) >= 4
        assert all(found[number] is known[number] for number in both_ways)
