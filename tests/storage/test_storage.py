# SPDX-License-Identifier: AGPL-3.0-or-later
"""What every storage promises, and what the one in a folder adds."""

import errno
import os
import stat
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from podcasts.errors import DiskFullError, NotFoundError
from podcasts.storage.base import Storage
from podcasts.storage.keys import check_key, new_key
from podcasts.storage.local import LocalStorage

IMPLEMENTATIONS: dict[str, Callable[[Path], Storage]] = {
    "local": lambda folder: LocalStorage(folder / "media")
}

NOT_OURS = [
    "",
    "audio",
    "audio/ab",
    "/etc/passwd",
    "../media/audio/ab/" + "0" * 32 + ".mp3",
    "audio/../" + "0" * 32 + ".mp3",
    "audio/ab/../../secret.mp3",
    "audio/ab/" + "0" * 32 + ".mp3\x00.txt",
    "audio/ab/" + "0" * 32 + ".mp3\n",
    "audio/ab/" + "\u0660" * 32 + ".mp3",
    "audio\\ab\\" + "0" * 32 + ".mp3",
    "secrets/ab/" + "0" * 32 + ".mp3",
    ".incoming/" + "0" * 32,
    "audio/ab/" + "0" * 32 + ".mp3/x",
]


@pytest.fixture(params=IMPLEMENTATIONS)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return IMPLEMENTATIONS[request.param](tmp_path)


class TestEveryStorage:
    def test_gives_back_what_was_put(self, storage: Storage) -> None:
        key = new_key("audio", "mp3")
        source = storage.new_temporary(".mp3")
        source.write_bytes(b"sound")
        storage.put(source, key)
        with storage.open(key) as file:
            assert file.read() == b"sound"
        assert storage.size(key) == 5
        assert storage.exists(key)
        assert not source.exists()

    def test_opens_files_that_seek(self, storage: Storage) -> None:
        key = new_key("audio", "mp3")
        storage.put_bytes(bytes(range(256)) * 1000, key)
        with storage.open(key) as file:
            assert file.seekable()
            file.seek(255_999)
            assert file.read(10) == b"\xff"

    def test_putting_again_replaces(self, storage: Storage) -> None:
        key = new_key("artwork", "jpg")
        storage.put_bytes(b"first", key)
        storage.put_bytes(b"second", key)
        with storage.open(key) as file:
            assert file.read() == b"second"

    def test_what_is_not_there_is_not_found(self, storage: Storage) -> None:
        key = new_key("audio", "mp3")
        assert not storage.exists(key)
        with pytest.raises(NotFoundError):
            storage.open(key)
        with pytest.raises(NotFoundError):
            storage.size(key)

    def test_deleting_what_is_not_there_is_no_error(self, storage: Storage) -> None:
        key = new_key("audio", "mp3")
        storage.delete(key)
        storage.put_bytes(b"sound", key)
        storage.delete(key)
        storage.delete(key)
        assert not storage.exists(key)
        assert list(storage.keys()) == []

    def test_lists_keys_by_prefix_and_leaves_temporaries_out(self, storage: Storage) -> None:
        sound, picture = new_key("audio", "mp3"), new_key("artwork", "jpg")
        storage.put_bytes(b"1", sound)
        storage.put_bytes(b"2", picture)
        storage.new_temporary()
        assert set(storage.keys()) == {sound, picture}
        assert list(storage.keys("audio/")) == [sound]

    def test_sweeps_only_old_temporaries(self, storage: Storage) -> None:
        old, fresh = storage.new_temporary(), storage.new_temporary()
        now = datetime.now(UTC)
        past = (now - timedelta(days=8)).timestamp()
        os.utime(old, (past, past))
        assert storage.sweep_temporaries(older_than=timedelta(days=7), now=now) == 1
        assert not old.exists()
        assert fresh.exists()

    def test_sweeping_an_empty_store_finds_nothing(self, storage: Storage) -> None:
        assert storage.sweep_temporaries(older_than=timedelta(0), now=datetime.now(UTC)) == 0

    def test_check_leaves_nothing_behind(self, storage: Storage, tmp_path: Path) -> None:
        storage.check()
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []

    @pytest.mark.parametrize("key", NOT_OURS)
    def test_a_key_that_is_not_ours_is_never_found(self, storage: Storage, key: str) -> None:
        for verb in (storage.open, storage.size, storage.exists, storage.delete, storage.local_path):
            with pytest.raises(NotFoundError):
                verb(key)
        with pytest.raises(NotFoundError):
            storage.put_bytes(b"", key)

    def test_writers_and_deleters_of_neighbours_do_not_disturb_each_other(self, storage: Storage) -> None:
        errors: list[Exception] = []

        def write_and_delete(digit: str) -> None:
            try:
                for number in range(200):
                    key = f"audio/ab/{digit}{number:031x}.mp3"
                    storage.put_bytes(b"x", key)
                    storage.delete(key)
            except Exception as reason:  # noqa: BLE001 - handed to the test's own thread, whatever it is
                errors.append(reason)

        threads = [threading.Thread(target=write_and_delete, args=(digit,)) for digit in "0123"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []


class TestLocalStorage:
    @pytest.fixture
    def local(self, tmp_path: Path) -> LocalStorage:
        return LocalStorage(tmp_path / "media")

    def test_names_its_files(self, local: LocalStorage) -> None:
        key = new_key("audio", "mp3")
        local.put_bytes(b"sound", key)
        assert local.local_path(key) == local.root / key
        assert (local.root / key).read_bytes() == b"sound"

    def test_modes_keep_strangers_out(self, local: LocalStorage) -> None:
        key = new_key("audio", "mp3")
        temporary = local.new_temporary()
        assert stat.S_IMODE(temporary.stat().st_mode) == 0o600
        local.put(temporary, key)
        assert stat.S_IMODE((local.root / key).stat().st_mode) == 0o640
        for folder in ((local.root / key).parent, local.root / "audio", local.root / ".incoming"):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o750

    def test_delete_prunes_the_empty_folder_and_no_other(self, local: LocalStorage) -> None:
        first, second = f"audio/ab/{0:032x}.mp3", f"audio/ab/{1:032x}.mp3"
        local.put_bytes(b"1", first)
        local.put_bytes(b"2", second)
        local.delete(first)
        assert (local.root / second).is_file()
        local.delete(second)
        assert not (local.root / "audio/ab").exists()
        assert local.root.is_dir()

    def test_passes_over_files_that_are_not_ours(self, local: LocalStorage) -> None:
        (local.root / "audio/ab").mkdir(parents=True)
        (local.root / "README.md").write_text("ours")
        (local.root / "audio/ab/notes.txt").write_text("theirs")
        assert list(local.keys()) == []

    @pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
    def test_a_full_disk_leaves_nothing_half_written(
        self, local: LocalStorage, monkeypatch: pytest.MonkeyPatch, number: int
    ) -> None:
        def no_room(_descriptor: int) -> None:
            raise OSError(number, os.strerror(number))

        # Delayed allocation says "no space" at fsync, after every write has seemed to work.
        monkeypatch.setattr(os, "fsync", no_room)
        with pytest.raises(DiskFullError):
            local.put_bytes(b"sound" * 1000, new_key("audio", "mp3"))
        assert [path for path in local.root.rglob("*") if path.is_file()] == []

    def test_another_failure_stays_what_it_is(
        self, local: LocalStorage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(_descriptor: int) -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        monkeypatch.setattr(os, "fsync", broken)
        with pytest.raises(OSError, match="Input/output error"):
            local.put_bytes(b"sound", new_key("audio", "mp3"))
        assert [path for path in local.root.rglob("*") if path.is_file()] == []

    def test_check_raises_where_nothing_can_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "media").write_text("a file stands where the folder should be")
        with pytest.raises(OSError, match="media"):
            LocalStorage(tmp_path / "media").check()

    def test_a_suffix_cannot_lead_out_of_the_folder(self, local: LocalStorage) -> None:
        with pytest.raises(ValueError, match="passwd"):
            local.new_temporary("/../../passwd")


class TestKeys:
    def test_new_keys_pass_their_own_check_and_differ(self) -> None:
        keys = {new_key("audio", "mp3") for _ in range(100)}
        assert len(keys) == 100
        assert {check_key(key) for key in keys} == keys

    def test_an_extension_that_could_not_be_read_back_is_refused(self) -> None:
        with pytest.raises(ValueError, match="tar"):
            new_key("audio", "../tar")
