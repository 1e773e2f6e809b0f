"""A live session on the page: text, interruption, reload, two people at once."""

from __future__ import annotations

import time

import pytest
from tests.studio.studio_page import choose_face, difference, pixels

pytestmark = pytest.mark.browser

WAKES_MS = 90_000
LONG = "This is a rather long story, of which nobody is meant to hear the end. " * 4


def start(page) -> None:
    choose_face(page)
    page.click(".tabs a[href='#live']")
    page.click("#live-start")
    wait_until_shown(page, 10)


def wait_until_shown(page, count: int) -> None:
    page.wait_for_function(
        "(count) => Number(document.getElementById('live-canvas')?.dataset.shown) >= count",
        arg=count, timeout=WAKES_MS,
    )  # fmt: skip


def wait_for_state(page, state: str) -> None:
    page.wait_for_selector(f"#live-state[data-state={state}]", timeout=WAKES_MS)


def movement(page, times: int = 8) -> float:
    """How much the picture changes within a second."""
    frames = [pixels(page, "live-canvas")]
    for _ in range(times):
        page.wait_for_timeout(120)
        frames.append(pixels(page, "live-canvas"))
    return max(difference(frames[0], later) for later in frames[1:])


def test_it_says_what_is_typed_and_falls_silent_at_once(open_studio):
    page = open_studio()
    start(page)
    page.fill("#say-text", LONG)
    page.keyboard.press("Enter")
    wait_for_state(page, "speaking")
    page.wait_for_timeout(1000)
    assert movement(page) > 12
    behind = float(page.get_attribute("#live-canvas", "data-behind"))
    assert abs(behind) <= 0.06, "picture and sound are apart"
    page.keyboard.press("Escape")
    begun = time.monotonic()
    page.wait_for_selector("#live-state:not([data-state=speaking])", timeout=3000)
    assert time.monotonic() - begun < 2
    assert page.locator("#said .stopped").count() == 1
    page.click("#live-end")
    page.wait_for_selector("#live-start")


def test_it_goes_on_after_a_reload(open_studio):
    page = open_studio()
    start(page)
    page.reload()
    wait_until_shown(page, 10)
    page.fill("#say-text", "Here I am again.")
    page.click("#live-say")
    wait_for_state(page, "speaking")


def test_the_microphone_is_heard(open_studio):
    page = open_studio()
    start(page)
    page.click("#live-microphone")
    page.wait_for_selector("#live-microphone[aria-pressed=true]")
    wait_for_state(page, "listening")
    page.click("#live-microphone")
    page.wait_for_selector("#live-microphone[aria-pressed=false]")


def test_two_people_have_a_face_each(open_studio):
    pages = [open_studio(), open_studio()]
    for page in pages:
        start(page)
    pages[0].fill("#say-text", LONG)
    pages[0].keyboard.press("Enter")
    wait_for_state(pages[0], "speaking")
    assert pages[1].get_attribute("#live-state", "data-state") == "idle"
    shown = int(pages[1].get_attribute("#live-canvas", "data-shown"))
    wait_until_shown(pages[1], shown + 10)
    pages[0].close()
    wait_until_shown(pages[1], shown + 30)


def test_it_is_seen_before_it_may_be_heard(open_studio):
    """After a reload a browser may want a press before it plays sound."""
    page = open_studio()
    start(page)
    page.add_init_script(
        """
        const Playing = AudioContext;
        let pressed = false;
        globalThis.AudioContext = class extends Playing {
          constructor(options) { super(options); this.suspend(); }
          resume() { return pressed ? super.resume() : new Promise(() => {}); }
        };
        addEventListener("click", ({ target }) => {
          if (target.closest("#live-unmute")) pressed = true;
        }, true);
        """
    )
    page.reload()
    wait_until_shown(page, 20)
    page.click("#live-unmute")
    page.wait_for_selector("#live-unmute", state="hidden")
    shown = int(page.get_attribute("#live-canvas", "data-shown"))
    wait_until_shown(page, shown + 20)
