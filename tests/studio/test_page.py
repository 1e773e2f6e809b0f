"""The page itself: how heavy, how accessible, how small a screen, how many languages."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from tests.studio.studio_page import choose_face

pytestmark = pytest.mark.browser

VIEWS = ["create", "live", "library"]
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core, which `make e2e` fetches."""
    path = os.environ.get("AXE")
    assert path, "run these tests by `make e2e`, which fetches axe-core"
    return Path(path).read_text(encoding="utf-8")


def complaints(page, axe: str) -> list[str]:
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


def some_videos() -> list[dict[str, Any]]:
    """One in each state, as the server tells of them."""
    every = {"created": 1.8e9, "text": "Hello!", "height": 480, "duration": 4.2, "progress": 0.4}
    return [
        {**every, "id": state, "state": state, "error": "The face is turned away."}
        for state in ("queued", "done", "failed", "cancelled")
    ]


def show(page, view: str) -> None:
    page.click(f".tabs a[href='#{view}']")
    page.wait_for_selector(f"#view-{view}:not([hidden])")
    page.wait_for_timeout(400)  # colours change slowly, and half a change has half the contrast


def test_the_first_load_is_light(open_studio, server):
    sizes: dict[str, Any] = {}
    page = open_studio()
    page.on("response", lambda answer: sizes.setdefault(answer.url, answer))
    page.goto("about:blank")
    page.goto(server + "/")
    page.wait_for_load_state("networkidle")
    ours = {url: len(answer.body()) for url, answer in sizes.items() if url.startswith(server)}
    page_alone = {url: size for url, size in ours.items() if "/v1/" not in url}
    assert len(page_alone) > 10
    assert sum(page_alone.values()) < 100_000, page_alone
    assert [url for url in sizes if not url.startswith((server, "about:", "blob:"))] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(open_studio, axe, scheme):
    page = open_studio(color_scheme=scheme)
    page.route("**/v1/videos?**", lambda route: route.fulfill(json={"videos": some_videos()}))
    found = {"empty": complaints(page, axe)}
    choose_face(page)
    page.click("#settings summary")
    page.click("#make")
    page.wait_for_timeout(400)
    found["face, settings, error"] = complaints(page, axe)
    for way in ("recording", "upload"):
        page.check(f"input[name=speech][value={way}]")
        page.wait_for_timeout(400)
        found[way] = complaints(page, axe)
    for view in ("live", "library"):
        show(page, view)
        found[view] = complaints(page, axe)
    assert page.locator(".card").count() == 4
    assert {place: what for place, what in found.items() if what} == {}


@pytest.mark.parametrize("language", ["en", "hi"])
def test_a_phone_held_upright_never_scrolls_sideways(open_studio, language):
    page = open_studio(locale=f"{language}-IN", **PHONE)
    for face in (False, True):
        if face:
            choose_face(page)
            page.click("#settings summary")
        for view in VIEWS:
            show(page, view)
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= 360, (view, face)
            outside = page.evaluate(
                """() => [...document.querySelectorAll("main :is(button, a, select, textarea)")]
                  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > 360)
                  .map((one) => one.id || one.textContent)"""
            )
            assert outside == [], (view, face)
        show(page, "create")


def test_language_and_theme_are_switched_and_stay(open_studio):
    page = open_studio()
    english = page.inner_text("h1 >> nth=0")
    page.click("#language")
    page.wait_for_selector("html[lang=hi]")
    hindi = page.inner_text("h1 >> nth=0")
    assert hindi != english and any("\u0900" <= letter <= "\u097f" for letter in hindi)
    page.click("#theme")
    assert page.get_attribute("html", "data-theme") == "dark"
    page.reload()
    page.wait_for_selector("html[lang=hi][data-theme=dark] #voice option", state="attached")
    assert page.inner_text("h1 >> nth=0") == hindi


def test_it_opens_without_the_server_and_can_be_installed(open_studio):
    page = open_studio(service_workers="allow")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function(
        "() => caches.open('lipwright-shell').then((c) => c.keys()).then((k) => k.length > 20)"
    )
    browser = page.context.new_cdp_session(page)
    errors = browser.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # A context of its own is a private window, which installs nothing; nothing else may lack.
    assert [one["errorId"] for one in errors if one["errorId"] != "in-incognito"] == []
    page.context.set_offline(True)
    page.reload()
    page.wait_for_selector("#offline:not([hidden])")
    assert page.inner_text("h1 >> nth=0") == "Give a face a voice"


def test_a_photograph_is_taken_by_the_camera(open_studio):
    page = open_studio()
    page.click("#photograph")
    page.wait_for_function("() => document.querySelector('dialog video')?.videoWidth > 0")
    with page.expect_response("**/v1/assets") as answer:
        page.click("dialog .shutter")
    assert answer.value.status == 201
    page.wait_for_selector("dialog", state="hidden")
    # Chromium's camera shows a green field with a clock: no face.
    page.wait_for_selector("#face-error:not([hidden])")


def test_without_a_secure_page_it_says_what_is_needed(open_studio):
    page = open_studio()
    choose_face(page)
    page.evaluate("delete globalThis.VideoDecoder")
    show(page, "live")
    page.click("#live-start")
    assert "WebCodecs" in page.inner_text("#live-error")
    page.evaluate("Object.defineProperty(globalThis, 'isSecureContext', {value: false})")
    page.click("#live-start")
    assert "lipwright serve --tls" in page.inner_text("#live-error")
