# SPDX-License-Identifier: AGPL-3.0-or-later
"""Parts: what is acknowledged is in the file, whatever the disk and the line do."""

import io
from pathlib import Path

import pytest

from podcasts.errors import ChecksumError, LockedError, TooLargeError
from podcasts.services import parts
from podcasts.services.parts import Piece, Sender, finishing, take_piece


class Stingy(io.RawIOBase):
    """A file that takes a hundred bytes at a time, as a nearly full disk does."""

    def __init__(self) -> None:
        self.taken = b""

    def write(self, data: object) -> int:
        """Take a little."""
        some = bytes(memoryview(data))[:100]  # type: ignore[arg-type]  # what io hands over is a buffer
        self.taken += some
        return len(some)


def test_a_write_that_takes_only_a_part_is_gone_on_with() -> None:
    file = Stingy()
    parts._write(file, bytes(range(256)) * 4)  # type: ignore[arg-type]  # raw, as the real one is
    assert file.taken == bytes(range(256)) * 4


def test_a_piece_begins_where_the_last_acknowledged_byte_ends(tmp_path: Path) -> None:
    path = tmp_path / "part"
    path.write_bytes(b"abcdefTORN")
    said: list[int] = []
    assert take_piece(io.BytesIO(b"ghi"), path, Piece(6, 20, 3), said.append, Sender(None)) == 9
    assert (path.read_bytes(), said) == (b"abcdefghi", [9])


def test_a_long_piece_is_acknowledged_on_its_way(tmp_path: Path) -> None:
    path = tmp_path / "part"
    path.touch()
    size = 2 * parts.CHECKPOINT_BYTES + 5
    said: list[int] = []
    take_piece(io.BytesIO(bytes(size)), path, Piece(0, size, size), said.append, Sender(None))
    assert said == [parts.CHECKPOINT_BYTES, 2 * parts.CHECKPOINT_BYTES, size]


def test_nothing_of_a_damaged_piece_is_acknowledged_or_kept(tmp_path: Path) -> None:
    path = tmp_path / "part"
    path.write_bytes(b"abc")
    said: list[int] = []
    piece = Piece(3, 10, 3, ("sha256", b"wrong"))
    with pytest.raises(ChecksumError):
        take_piece(io.BytesIO(b"def"), path, piece, said.append, Sender(None))
    assert (path.read_bytes(), said) == (b"abc", [])


def test_a_piece_of_no_said_length_is_stopped_at_the_end_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "part"
    path.touch()
    said: list[int] = []
    with pytest.raises(TooLargeError):
        take_piece(io.BytesIO(bytes(11)), path, Piece(0, 10, None), said.append, Sender(None))
    assert said == []


def test_a_file_that_another_process_fills_is_locked(tmp_path: Path) -> None:
    path = tmp_path / "part"
    path.touch()
    with path.open("r+b") as other:
        parts._lock(other)
        with pytest.raises(LockedError):
            take_piece(io.BytesIO(b"x"), path, Piece(0, 10, 1), lambda _: None, Sender(None))


def test_only_one_process_finishes_a_file(tmp_path: Path) -> None:
    path = tmp_path / "part"
    path.touch()
    with finishing(path), pytest.raises(LockedError), finishing(path):
        pass
    with finishing(path):
        pass


def test_a_file_that_another_one_has_just_put_away_counts_as_locked(tmp_path: Path) -> None:
    with pytest.raises(LockedError), finishing(tmp_path / "gone"):
        pass
