"""A server that lets in who has its token."""

from __future__ import annotations

import pytest
from tests.studio.conftest import running_server

pytestmark = pytest.mark.browser

TOKEN = "a-token-of-this-test-alone"


def test_the_page_asks_for_the_token_once(chromium, tmp_path):
    with running_server(tmp_path, "--token", TOKEN) as address:
        context = chromium.new_context(service_workers="block")
        page = context.new_page()
        page.goto(address)
        page.wait_for_selector("#token")
        page.keyboard.type("not the token")
        page.keyboard.press("Enter")
        page.wait_for_selector("#token-error:not([hidden])")
        page.fill("#token", TOKEN)
        page.keyboard.press("Enter")
        page.wait_for_selector("#voice option", state="attached")
        page.reload()
        page.wait_for_selector("#voice option", state="attached")
        assert page.is_hidden("#token")
        assert TOKEN not in page.evaluate("JSON.stringify([{...localStorage}, document.cookie])")
        context.close()
