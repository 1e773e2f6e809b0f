"""What a newcomer relies on besides code: locked requirements, notices, links, one version."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest
import yaml

import lipwright

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]


def test_the_version_is_said_once_and_the_same():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == lipwright.__version__


@pytest.mark.parametrize("name", ["demo.txt", "server.txt", "dev.txt"])
def test_every_requirement_is_pinned_with_its_hashes(name):
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    assert "://" not in text, "a lock names no host"
    requirements = re.split(r"\n(?=\S)", text.strip())
    assert len(requirements) > 20
    for requirement in requirements:
        assert re.match(r"[\w.-]+==\S+", requirement), requirement
        assert "--hash=sha256:" in requirement, requirement


@pytest.mark.parametrize("name", ["demo.txt", "server.txt"])
def test_a_lock_is_part_of_the_one_that_is_tested(name):
    """`make test` after `make demo` changes nothing; the container has what is tested."""

    def pins(name: str) -> set[str]:
        lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
        return {line.rstrip(" \\") for line in lines if not line.startswith(" ")}

    assert pins(name) <= pins("dev.txt")


def test_every_vendored_weight_has_its_notice():
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    weights = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "src").glob("**/assets/*")
        if path.suffix in (".onnx", ".bin")
    ]
    assert weights
    assert [path for path in weights if path not in notice] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_no_page_or_source_names_a_machine():
    """Paths of somebody's computer have no place in a repository."""
    pattern = re.compile(r"/(?:home|Users|root|wor[k])/\w")
    sources = [*PAGES, *ROOT.glob("src/**/*.py"), *ROOT.glob("benchmarks/*.py"), ROOT / "Makefile"]
    sources += ROOT.glob(".ci/*")
    found = [p.name for p in sources if pattern.search(p.read_text(encoding="utf-8"))]
    assert found == []


def write_command(path: Path, body: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)


@pytest.mark.skipif(os.name == "nt" or not shutil.which("bash"), reason="a script for bash")
def test_continuous_integration_finds_each_python_that_runs(tmp_path):
    """Not pyenv's command for a Python that is not chosen, but that Python itself."""
    pyenv = tmp_path / "pyenv-3.12/bin/python"
    write_command(tmp_path / "python3.11", "exit 0")
    write_command(tmp_path / "python3.12", "exit 127")
    write_command(tmp_path / "python3.13", "exit 127")
    write_command(pyenv, "exit 0")
    write_command(tmp_path / "pyenv", f'[ "$2" = 3.12 ] && echo "{pyenv.parents[1]}"')
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    found = subprocess.run(
        [ROOT / ".ci/pythons"], env={"PATH": path}, capture_output=True, text=True, check=True
    )
    assert found.stdout.splitlines() == ["python3.11", str(pyenv)]


def load(path: Path):
    """A script that is in no package."""
    loader = SourceFileLoader(path.stem, str(path))
    module = ModuleType(path.stem)
    module.__file__ = str(path)
    loader.exec_module(module)
    return module


def test_the_page_of_commands_is_what_the_command_line_says():
    written = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
    assert written == load(ROOT / ".ci/cli_reference.py").reference(), "run make reference"


WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_call_targets_that_make_has(path):
    jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    steps = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    called = {target for step in steps for target in re.findall(r"^make (?:\S+=\S+ )*(\S+)", step)}
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert called
    assert called <= set(re.findall(r"^(\w+):", makefile, re.MULTILINE))


@pytest.mark.parametrize("path", sorted(ROOT.glob(".github/**/*.yml")), ids=lambda path: path.stem)
def test_templates_and_settings_are_readable(path):
    assert isinstance(yaml.safe_load(path.read_text(encoding="utf-8")), dict)


def test_the_container_is_built_from_files_that_it_is_given():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    given = {line[1:] for line in ignored if line.startswith("!")}
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = [line.split()[1:-1] for line in lines if re.match("COPY (?!--from)", line)]
    for source in sum(copied, []):
        assert (ROOT / source).exists(), source
        assert source.split("/")[0] in given, source
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {project["readme"], *(name.split("/")[0] for name in project["license-files"])}
    assert named <= {Path(source).name for source in sum(copied, [])}


def test_the_site_has_every_page():
    settings = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    entries = re.findall(r"[\w/]+\.md", str(settings["nav"]))
    pages = {path.name for path in (ROOT / "docs").glob("*.md")}
    text = (ROOT / ".ci/site_pages.py").read_text(encoding="utf-8")
    of_root = dict(re.findall(r'"([A-Z_]+\.md)": "(\w+\.md)"', text))
    assert sorted(entries) == sorted(pages | set(of_root.values()))
    assert set(of_root) == {path.name for path in ROOT.glob("*.md")}
