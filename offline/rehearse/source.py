"""The source: mirrored into a bare repository, as GitLab mirrors into CodeCommit, and one branch of it as a zip."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from offline.rehearse.commands import Report, ask
from offline.rehearse.errors import RehearsalError

# A folder that is no repository becomes one commit; the same files give the same commit, and so the same tag.
_COMMITTER = {
    f"GIT_{role}_{part}": value
    for role in ("AUTHOR", "COMMITTER")
    for part, value in (("NAME", "rehearsal"), ("EMAIL", "rehearsal@localhost"), ("DATE", "2000-01-01T00:00:00Z"))
}
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A commit of the mirrored repository."""

    commit: str
    branch: str
    subject: str


class Mirror:
    """The bare repository that stands for CodeCommit's; `where` begins what is reported of its failures."""

    def __init__(self, path: Path, *, where: str) -> None:
        self._path = path
        self._where = where
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}

    def push(self, source: Path, *, branch: str, report: Report) -> None:
        """`git push --mirror` from a repository; any other folder is first made one commit on the branch.

        Raises RehearsalError.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._git("init", "--quiet", "--bare", "--initial-branch", branch, str(self._path))
        where = f"{self._where}: {source} cannot be mirrored."
        if (source / "HEAD").is_file() and (source / "objects").is_dir():  # a bare repository
            repository = ["-C", str(source)]
        elif (source / ".git").exists():
            if changed := self._git("-C", str(source), "status", "--porcelain", where=where).decode().splitlines():
                report(f"{len(changed)} uncommitted changes stay behind: what is committed is pushed")
            repository = ["-C", str(source)]
        else:
            report("no git repository: its files as they are make one commit")
            repository = self._committed(source, branch)
        self._git(*repository, "push", "--quiet", "--no-verify", "--mirror", str(self._path), where=where)

    def revision(self, branch: str, *, setting: str) -> Revision:
        """The newest commit of a branch; `setting` says where the branch is set. Raises RehearsalError."""
        listed = self._git("-C", str(self._path), "for-each-ref", "--format=%(refname:short)", "refs/heads")
        branches = sorted(listed.decode().split())
        if branch not in branches:
            raise RehearsalError(
                f"{self._where}: there is no branch {branch!r} in the source; there are: {', '.join(branches) or 'none'}. "
                f"Push to {branch}, or change the branch that the stage takes ({setting})."
            )
        shown = self._git("-C", str(self._path), "log", "-1", "--format=%H%n%s", f"refs/heads/{branch}")
        commit, _, subject = shown.decode(errors="replace").partition("\n")
        return Revision(commit=commit, branch=branch, subject=subject.strip())

    def archive(self, revision: Revision) -> bytes:
        """The commit's files as a zip, as they are stored: no attributes, filters or submodules are applied."""
        listed = self._git("-C", str(self._path), "ls-tree", "-r", "-z", "--full-tree", revision.commit)
        entries = [entry.split("\t", 1) for entry in listed.decode("utf-8", "surrogateescape").split("\0") if entry]
        files = [(*head.split(), path) for head, path in entries]
        blobs = self._blobs([identity for _, kind, identity, _ in files if kind == "blob"])
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for mode, kind, identity, path in files:
                if kind != "blob":
                    continue
                item = zipfile.ZipInfo(path, _EPOCH)
                item.compress_type = zipfile.ZIP_DEFLATED
                item.external_attr = int(mode, 8) << 16
                archive.writestr(item, blobs[identity])
        return buffer.getvalue()

    def _blobs(self, identities: list[str]) -> Mapping[str, bytes]:
        wanted = sorted(set(identities))
        answer = subprocess.run(
            ["git", "-C", str(self._path), "cat-file", "--batch"],
            input="".join(f"{identity}\n" for identity in wanted).encode(),
            env=self._environment,
            capture_output=True,
            check=True,
        ).stdout
        found: dict[str, bytes] = {}
        position = 0
        for identity in wanted:
            end = answer.index(b"\n", position)
            size = int(answer[position:end].split()[2])
            found[identity] = answer[end + 1 : end + 1 + size]
            position = end + 1 + size + 1
        return found

    def _committed(self, source: Path, branch: str) -> list[str]:
        """A repository beside the mirror with the folder's files as its one commit; what .gitignore names is left out."""
        repository = self._path.with_suffix(".source")
        self._git("init", "--quiet", "--initial-branch", branch, str(repository))
        at = ["--git-dir", str(repository / ".git"), "--work-tree", str(source), "-C", str(source)]
        quiet = ["-c", "core.excludesFile=", "-c", "commit.gpgSign=false", "-c", "core.hooksPath=/dev/null"]
        where = f"{self._where}: {source} cannot be made a commit."
        self._git(*at, *quiet, "add", "--all", ".", where=where)
        self._git(*at, *quiet, "commit", "--quiet", "--allow-empty", "-m", f"{source.name} as it is", where=where)
        return ["-C", str(repository)]

    def _git(self, *arguments: str, where: str | None = None) -> bytes:
        where = where or f"{self._where}: the mirror failed."
        return ask(["git", *arguments], where, environment={**self._environment, **_COMMITTER})


def unpack(content: bytes, folder: Path) -> None:
    """Unpack a zip with the files' modes and links. Raises RehearsalError for one that leads out of the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for item in archive.infolist():
            target = folder / item.filename
            if not target.parent.resolve().is_relative_to(folder.resolve()):
                raise RehearsalError(f"The artifact holds {item.filename!r}, which leads out of its folder.")
            if item.is_dir():
                target.mkdir(parents=True, exist_ok=True)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            mode = item.external_attr >> 16
            if stat.S_ISLNK(mode):
                target.symlink_to(os.fsdecode(archive.read(item)))
                continue
            target.write_bytes(archive.read(item))
            target.chmod(0o755 if mode & stat.S_IXUSR else 0o644)
