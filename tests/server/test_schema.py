"""The server against its own description of itself: what it takes, and what it answers."""

from __future__ import annotations

import re
from contextlib import suppress

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.server.served import Served

NOT_ASKED = re.compile(r"/events$|/faces$|/preview$|/v1/speech")
"""Streams have tests of their own; nobody's faces and stills are as nobody's file."""
EXAMPLES = 4
"""Right ones of each operation, and as many wrong ones."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
BOUNDED = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck), database=None,
)  # fmt: skip


def test_it_answers_as_it_says(tmp_path):
    """Each operation with requests made of its description, right and wrong ones."""
    served = Served(tmp_path, requests_per_second=10_000.0, burst=10_000)
    asked = []
    try:
        served.wait_ready()
        schema = schemathesis.openapi.from_url(f"{served.url}/openapi.json")
        for found in schema.get_all_operations():
            assert isinstance(found, Ok)
            operation = found.ok()
            if NOT_ASKED.search(operation.path):
                continue

            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

                @BOUNDED
                @given(case=operation.as_strategy(generation_mode=mode))
                def ask(case: Case) -> None:
                    case.call_and_validate(checks=CHECKS)

                with suppress(Unsatisfiable):  # where nothing can be wrong
                    ask()
            asked.append(operation.path)
    finally:
        served.kill()
    assert len(asked) > 12
