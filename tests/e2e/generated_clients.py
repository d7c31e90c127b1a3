"""Clients of other people, made from `proto/`: code by protoc-gen-es, bundled by esbuild."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.architecture.source import ROOT

NODE = ROOT / "tests" / "e2e" / "node"
PROGRAMS = NODE / "node_modules" / ".bin"
EXAMPLE = ROOT / "examples" / "rpc-clients"
PATIENCE = 60.0


def run(*words: str | Path, folder: Path, code: int = 0) -> str:
    """What a program of the Node packages prints; ``code`` is how it has to end."""
    path = os.pathsep.join([str(PROGRAMS), str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "NODE_PATH": str(NODE / "node_modules")}
    ran = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert ran.returncode == code, ran.stdout + ran.stderr
    return ran.stdout


def bundle(folder: Path, entry: str, platform: str) -> Path:
    """A script for ``node`` or ``browser`` out of ``entry``, the example and what is generated from `proto/`."""
    if not (folder / "gen").exists():
        template = (EXAMPLE / "buf.gen.yaml").read_text(encoding="utf-8").replace("../../proto", str(ROOT / "proto"))
        (folder / "buf.gen.yaml").write_text(template, encoding="utf-8")
        shutil.copytree(EXAMPLE / "errors", folder / "errors")
        shutil.copy(EXAMPLE / "web.ts", folder)
        run("buf", "generate", folder=folder)
    shutil.copy(NODE / "rpc" / entry, folder)
    built = folder / f"{Path(entry).stem}.{platform}.mjs"
    style = "esm" if platform == "node" else "iife"
    run(
        "esbuild", entry, "--bundle", f"--platform={platform}", f"--format={style}", f"--outfile={built}", folder=folder
    )
    return built
