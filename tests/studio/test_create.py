"""The way from a picture to a video, as a person goes it."""

from __future__ import annotations

import time

import cv2
import numpy as np
import pytest
from tests.helpers import astronaut_path, hopper_path, read_picture
from tests.studio.studio_page import (
    TEXT,
    choose_face,
    choose_small,
    difference,
    pixels,
    wait_for_video,
)

pytestmark = pytest.mark.browser


def test_three_actions_make_a_video_that_plays_and_moves(open_studio, tmp_path):
    page = open_studio()
    choose_face(page)  # one
    page.fill("#script", TEXT)  # two
    page.click("#make")  # three
    page.wait_for_selector("#stage-progress progress")
    wait_for_video(page)
    page.wait_for_function("() => document.getElementById('result').currentTime > 0.5")
    frames = [pixels(page, "result")]
    for _ in range(6):
        page.wait_for_timeout(150)
        frames.append(pixels(page, "result"))
    assert max(difference(frames[0], later) for later in frames[1:]) > 12
    assert page.evaluate("document.getElementById('result').webkitAudioDecodedByteCount") > 1000
    with page.expect_download() as download:
        page.click("#result-tools a[download]")
    download.value.save_as(tmp_path / "video.mp4")
    assert (tmp_path / "video.mp4").read_bytes()[4:8] == b"ftyp"
    assert download.value.suggested_filename.endswith(".mp4")
    page.reload()
    page.wait_for_selector("#result")  # a reload loses nothing
    page.click("#another")
    assert page.input_value("#script") == TEXT


def test_a_recording_by_the_microphone_is_spoken(open_studio):
    page = open_studio()
    choose_face(page)
    choose_small(page)
    page.check("input[name=speech][value=recording]")
    page.click("#record")
    page.wait_for_selector(".recording")
    page.wait_for_timeout(2500)
    page.click("#record")
    sound = page.wait_for_selector("#pane-record audio")
    heard = page.evaluate(
        """async (address) => {
          const bytes = new DataView(await (await fetch(address)).arrayBuffer());
          const rate = bytes.getUint32(24, true);
          let most = 0;
          for (let i = 44; i + 1 < bytes.byteLength; i += 2) {
            most = Math.max(most, Math.abs(bytes.getInt16(i, true)));
          }
          return { seconds: (bytes.byteLength - 44) / 2 / rate, most };
        }""",
        sound.get_attribute("src"),
    )
    assert 1.5 < heard["seconds"] < 6
    assert heard["most"] > 500, "the microphone that Chromium makes up beeps"
    page.click("#make")
    wait_for_video(page)
    page.wait_for_function("() => document.getElementById('result').readyState > 1")
    duration = page.evaluate("document.getElementById('result').duration")
    assert duration == pytest.approx(heard["seconds"], abs=0.15)


def test_the_faces_of_a_picture_are_chosen_by_keys(open_studio, tmp_path):
    heads = [read_picture(path()) for path in (hopper_path, astronaut_path)]
    both = np.hstack([cv2.resize(head, (512, 512)) for head in heads])
    cv2.imwrite(str(tmp_path / "both.png"), both)
    page = open_studio()
    choose_face(page, tmp_path / "both.png")
    faces = page.locator("input[name=speaker]")
    assert faces.count() == 2
    chosen = page.locator("input[name=speaker]:checked")
    before = chosen.input_value()
    chosen.focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("input[name=speaker]:checked").input_value() != before
    page.keyboard.press("Control+z")
    assert page.locator("input[name=speaker]:checked").input_value() == before


def test_a_still_at_three_sounds_is_drawn_before_the_video(open_studio):
    page = open_studio()
    choose_face(page)
    stills = []
    for sound in ("rest", "open", "round"):
        before = page.get_attribute("#stage-frame img", "src")
        page.check(f"input[name=preview][value={sound}]")
        page.wait_for_function(
            "(old) => document.querySelector('#stage-frame img').getAttribute('src') !== old",
            arg=before,
        )
        page.evaluate("document.querySelector('#stage-frame img').id = 'still'")
        page.wait_for_function("() => document.getElementById('still').complete")
        stills.append(pixels(page, "still"))
    assert difference(stills[0], stills[1]) > 12
    assert difference(stills[1], stills[2]) > 12


def test_everything_is_done_by_keys_alone(open_studio):
    page = open_studio()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    with page.expect_file_chooser() as chooser:
        tab_to(page, "choose-face")
        page.keyboard.press("Enter")
    chooser.value.set_files(hopper_path())
    page.wait_for_selector(".face-box")
    tab_to(page, "script")
    page.keyboard.type(TEXT)
    tab_to(page, "make")
    page.keyboard.press("Enter")
    page.wait_for_selector("#cancel")
    page.focus("#main")
    tab_to(page, "cancel")
    page.keyboard.press("Enter")
    page.wait_for_selector("#stage-progress", state="hidden")
    assert page.is_enabled("#make")


def tab_to(page, wanted: str) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == wanted:
            return
    raise AssertionError(f"{wanted} is not reached by the tabulator")


def test_script_and_choices_are_undone_and_done_again(open_studio):
    page = open_studio()
    assert page.is_disabled("#undo")
    page.fill("#script", "One.")
    page.wait_for_timeout(1100)
    page.fill("#script", "One. Two.")
    page.click("#settings summary")
    page.check("input[name=quality][value=low]")
    page.click("#undo")
    assert page.is_checked("input[name=quality][value=high]")
    page.keyboard.press("Control+z")
    assert page.input_value("#script") == "One."
    page.keyboard.press("Control+Shift+z")
    assert page.input_value("#script") == "One. Two."
    page.reload()
    page.wait_for_selector("#voice option", state="attached")
    assert page.input_value("#script") == "One. Two."


def test_a_voice_is_heard(open_studio):
    page = open_studio()
    page.fill("#script", TEXT)
    with page.expect_response("**/v1/speech") as answer:
        page.click("#hear")
    assert answer.value.status == 200
    assert answer.value.headers["content-type"].startswith("audio/wav")
    page.wait_for_selector("#hear:has-text('Stop')")


def test_errors_stand_beside_what_they_concern(open_studio, tmp_path):
    page = open_studio()
    page.click("#make")
    assert page.inner_text("#face-error") == "Choose a face first."
    wrong = tmp_path / "face.jpg"
    wrong.write_text("no picture", encoding="utf-8")
    page.set_input_files("#face-file", wrong)
    page.wait_for_function(
        "() => document.getElementById('face-error').textContent.includes('face.jpg')"
    )
    choose_face(page)
    assert page.is_hidden("#face-error")
    page.click("#make")
    assert page.is_visible("#speech-error")
    assert page.evaluate("document.activeElement.id") == "script"


def test_a_deleted_video_comes_back_by_undo(open_studio, server):
    page = open_studio()
    choose_face(page)
    choose_small(page)
    page.fill("#script", "Gone?")
    page.click("#make")
    wait_for_video(page)
    page.click(".tabs a[href='#library']")
    page.wait_for_selector(".card")
    cards = page.locator(".card").count()
    page.locator(".card .remove").first.click()
    assert page.locator(".card").count() == cards - 1
    page.click(".toast button")
    assert page.locator(".card").count() == cards
    page.locator(".card .poster").first.click()
    page.wait_for_selector("dialog video")
    with page.expect_download():
        page.click("dialog a[download]")
    page.keyboard.press("Escape")
    gone = page.locator(".card").first.get_attribute("id")
    page.locator(".card .remove").first.click()
    page.goto("about:blank")  # what was deleted is deleted, also where the page is left at once
    for _ in range(40):
        listed = page.request.get(f"{server}/v1/videos").json()["videos"]
        if gone not in [f"video-{one['id']}" for one in listed]:
            return
        time.sleep(0.25)
    raise AssertionError("the video is still there")
