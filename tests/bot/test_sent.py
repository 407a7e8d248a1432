"""An older copy of the database that is put back sends nothing again that was sent (K9, P17)."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.outside import Unreadable
from bot.sender import Sender
from bot.sent import FOLDER, KEPT, Sent
from bot.wakeup import Bell
from handlers.messages import Do
from knowledge_base.deliveries import Delivery
from knowledge_base.facts import Address
from knowledge_base.store import Store
from tests.bot.edge import FakeChannel, person_at, put_out, states
from tests.conftest import MASTER_KEY


class Desk:
    """A database whose file can be copied and put back, and its sender after each start."""

    def __init__(self, folder: Path, empty: Path, clock) -> None:
        self.folder, self.clock, self.channel = folder, clock, FakeChannel()
        self.file = folder / "saring.db"
        shutil.copy(empty, self.file)
        self.start()

    def start(self) -> None:
        """The process begins with the database that lies there."""
        self.store = Store(f"sqlite:///{self.file}", MASTER_KEY, self.clock)
        with self.store.work() as work:
            work.outbox.recover()
        sent = Sent(self.folder)
        sent.open(self.store, self.clock())
        channels = {"fake": self.channel}
        self.sender = Sender(self.store, channels, self.clock, Bell(), sent=sent)

    def stop(self) -> None:
        self.store.checkpoint()
        self.store.close()

    def backup(self) -> Path:
        self.store.checkpoint()
        return Path(shutil.copy(self.file, self.folder / "copy.db"))

    def put_back(self, copy: Path) -> None:
        self.stop()
        shutil.copy(copy, self.file)
        self.start()

    def says(self, chat: str, *texts: str, **more) -> None:
        put_out(self.store, self.clock, person_at(self.store, self.clock, chat), *texts, **more)

    async def sends(self) -> list[str]:
        """What goes out now."""
        before = len(self.channel.sent)
        while await self.sender.step():
            pass
        return [message.text for _, message in self.channel.sent[before:]]


@pytest.fixture
def desk(tmp_path: Path, empty_database: Path, clock):
    made = Desk(tmp_path, empty_database, clock)
    yield made
    made.stop()


async def test_what_was_sent_since_the_copy_is_not_sent_again(desk) -> None:
    """K9: yesterday's outbox, also what was being sent when the copy was made."""
    desk.says("sari", "satu", "dua")
    with desk.store.work() as work:
        work.outbox.claim(desk.clock())
    copy = desk.backup()
    desk.clock.forward(minutes=2)
    assert await desk.sends() == ["satu", "dua"]
    desk.clock.forward(days=1)
    desk.put_back(copy)
    assert await desk.sends() == []
    assert states(desk.store) == {"cancelled": 2}


async def test_what_was_not_sent_goes_out_and_so_does_what_is_new(desk) -> None:
    """P17: nobody's answer is lost by the copy, though numbers of rows come again."""
    desk.says("sari", "satu")
    copy = desk.backup()
    assert await desk.sends() == ["satu"]
    desk.says("sari", "hilang bersama basis data")
    assert await desk.sends() == ["hilang bersama basis data"]
    desk.put_back(copy)
    desk.says("sari", "satu")
    desk.says("budi", "dua")
    assert sorted(await desk.sends()) == ["dua", "satu"]


async def test_work_that_is_done_again_says_nothing_again(desk) -> None:
    """K9: a correction is written by a job, and the copy still holds the job."""
    desk.says("sari", "lama")
    copy = desk.backup()
    desk.says("sari", "ralat", key="correct:482:2:sari")
    assert await desk.sends() == ["lama", "ralat"]
    desk.put_back(copy)
    desk.says("sari", "ralat", key="correct:482:2:sari")
    assert await desk.sends() == []
    desk.says("sari", "ralat lain", key="correct:482:3:sari")
    assert await desk.sends() == ["ralat lain"]


async def test_a_later_start_still_knows_and_one_after_a_month_does_not_ask(desk) -> None:
    """K9: work of the copy may be due days after it was put back."""
    desk.says("sari", "lama")
    copy = desk.backup()
    for number in (1, 2):
        desk.says("sari", "kata sementara", key=f"interim:{number}")
    assert len(await desk.sends()) == 3
    desk.put_back(copy)
    for number, days, said in ((1, 2, []), (2, KEPT.days, ["kata sementara"])):
        desk.clock.forward(days=days)
        desk.stop()
        desk.start()
        desk.says("sari", "kata sementara", key=f"interim:{number}")
        assert await desk.sends() == said
    assert [file.name for file in (desk.folder / FOLDER).glob("2027*")] == ["20270315"]


async def test_a_database_that_is_no_copy_is_never_asked(desk) -> None:
    """K9: the same words may be said twice, and what a platform lost is sent again."""
    desk.says("sari", "satu", key="sapa")
    assert await desk.sends() == ["satu"]
    with desk.store.work() as work:
        work.outbox.undelivered("fake", "bot", "out-1", desk.clock(), hold=False)
    desk.stop()
    desk.start()  # the last thing that was sent waits again
    desk.clock.forward(minutes=1)
    assert await desk.sends() == ["satu"]
    assert states(desk.store) == {"sent": 1}


async def test_a_template_goes_out_once_and_the_message_still_comes(desk) -> None:
    """K9: what was only announced is said when the person writes."""
    desk.channel.limits = replace(desk.channel.limits, window_hours=24)
    desk.says("sari", "hasilnya", template="result")
    with desk.store.work() as work:
        person = work.contacts.known(Address("fake", "bot", "sari"))
        work.people.save(replace(person, consent="1 2027-02-10"))
    desk.clock.forward(days=2)
    copy = desk.backup()
    assert await desk.sends() == [""]
    desk.put_back(copy)
    assert (await desk.sends(), states(desk.store)) == ([], {"held": 1})
    with desk.store.work() as work:
        work.contacts.wrote(person.id, desk.clock())
        work.outbox.release_held(person.id, desk.clock())
    assert await desk.sends() == ["hasilnya"]


async def test_a_torn_line_and_a_full_disk_hold_up_nobody(desk, capsys) -> None:
    """K9: the list is a help, never a condition."""
    desk.says("sari", "satu")
    assert await desk.sends() == ["satu"]
    folder = desk.folder / FOLDER
    (file,) = folder.iterdir()
    file.write_text(file.read_text() + '\n[1,1,"ab')
    desk.stop()
    desk.start()
    desk.says("budi", "lain")
    assert await desk.sends() == ["lain"]
    assert Sent(desk.folder).newest(desk.clock()) == 2
    shutil.rmtree(folder)
    folder.write_text("no folder")
    desk.says("sari", "dua", "tiga")
    assert await desk.sends() == ["dua", "tiga"]
    assert capsys.readouterr().out.count("what was sent is not noted") == 1
    folder.unlink()


async def test_nothing_in_the_list_tells_who_or_what(desk) -> None:
    """K9: digests only, and readable by the owner of the folder alone."""
    desk.says("sari", "rahasia")
    await desk.sends()
    (file,) = (desk.folder / FOLDER).iterdir()
    assert not any(word in file.read_text() for word in ("rahasia", "sari", "fake"))
    assert file.stat().st_mode & 0o077 == 0
    with desk.store.read() as work:
        assert work.outbox.standing(1) is Delivery.SENT


async def test_what_the_copy_knew_of_and_the_platform_refused_goes_out_when_it_may(desk) -> None:
    """K9: an answer that was taken, then refused and held before the copy, is not "sent before"."""
    desk.says("sari", "satu")
    assert await desk.sends() == ["satu"]
    with desk.store.work() as work:
        work.outbox.undelivered("fake", "bot", "out-1", desk.clock(), hold=True)
    copy = desk.backup()
    desk.clock.forward(hours=1)
    desk.says("budi", "dua")
    assert await desk.sends() == ["dua"]
    desk.put_back(copy)
    sari = person_at(desk.store, desk.clock, "sari")
    with desk.store.work() as work:
        assert work.outbox.release_held(sari, desk.clock()) == 1
    assert await desk.sends() == ["satu"]


async def test_a_copy_is_noticed_also_where_it_held_what_went_out_since(desk) -> None:
    """K9: the copy has a final-looking word for the only thing that was sent since."""
    desk.channel.limits = replace(desk.channel.limits, window_hours=24)
    sari = person_at(desk.store, desk.clock, "sari")
    desk.says("sari", "hasilnya")
    assert (await desk.sends(), states(desk.store)) == ([], {"held": 1})
    copy = desk.backup()
    for said in (["hasilnya"], []):
        with desk.store.work() as work:
            work.contacts.wrote(sari, desk.clock())
            work.outbox.release_held(sari, desk.clock())
        assert await desk.sends() == said
        desk.put_back(copy)


async def test_a_copy_that_is_put_back_again_lacks_what_both_later_ones_sent(desk) -> None:
    """K9: the numbers go on where the first later one stood."""
    person_at(desk.store, desk.clock, "sari")
    copy = desk.backup()
    for text in ("satu", "dua"):
        desk.says("sari", text, key=text)
        assert await desk.sends() == [text]
        desk.put_back(copy)
    desk.says("sari", "satu", key="satu")
    desk.says("sari", "dua", key="dua")
    assert await desk.sends() == []


async def test_a_start_reads_of_a_database_that_is_no_copy_the_newest_list_only(desk) -> None:
    """K9: a month of a busy installation is hundreds of thousands of lines."""
    desk.says("sari", "satu")
    assert await desk.sends() == ["satu"]
    older = desk.folder / FOLDER / f"{desk.clock() - KEPT / 2:%Y%m%d}"
    older.write_text('\n[9,1,"ab"]' + '\n[1,1,"ab"]' * 1_000)  # whoever reads it all finds 9
    desk.stop()
    desk.start()
    assert Sent(desk.folder).newest(desk.clock()) == 1


@pytest.mark.parametrize("jump", [300, 1, -1, -20, -300])
async def test_a_clock_that_was_wrong_for_one_message_hides_no_later_one(desk, jump) -> None:
    """K9: lists are named by a day that was none, and those of the right days still count."""
    desk.says("sari", "satu", key="satu")
    assert await desk.sends() == ["satu"]
    right, copy = desk.clock(), desk.backup().rename(desk.folder / "copy")
    for text, days in (("dua", jump), ("tiga", 0)):
        desk.clock.now = right + timedelta(days=days)
        desk.says("sari", text, key=text)
        assert await desk.sends() == [text]
        desk.backup().rename(desk.folder / text)
    desk.put_back(desk.folder / "dua")
    desk.says("sari", "tiga", key="tiga")
    assert await desk.sends() == []
    desk.put_back(copy)
    for text in ("dua", "tiga"):
        desk.says("sari", text, key=text)
    assert await desk.sends() == []


async def test_a_list_that_another_process_forgot_just_now_is_not_missed(desk, monkeypatch) -> None:
    """K9: several start at once after a month."""
    desk.says("sari", "satu")
    copy = desk.backup()
    assert await desk.sends() == ["satu"]
    gone = desk.folder / FOLDER / f"{desk.clock() - KEPT * 2:%Y%m%d}"
    seen = Sent._files
    monkeypatch.setattr(Sent, "_files", lambda self: [gone, *seen(self)])
    desk.put_back(copy)
    assert await desk.sends() == []


async def test_what_is_of_use_only_at_once_is_not_noted(desk) -> None:
    """K9: nobody shows again that we were typing."""
    desk.says("sari", "", do=Do.TYPING)
    desk.says("sari", "satu")
    assert await desk.sends() == ["", "satu"]
    (file,) = (desk.folder / FOLDER).iterdir()
    assert len(file.read_text().split()) == 1


async def test_a_list_that_cannot_be_read_stops_a_start_in_plain_words(desk) -> None:
    """K9: what was sent twice cannot be taken back."""
    desk.says("sari", "satu")
    await desk.sends()
    (file,) = (desk.folder / FOLDER).iterdir()
    file.rename(desk.folder / "kept")
    file.mkdir()
    with pytest.raises(Unreadable, match=r"20270210 cannot be read .*chown .* move it away"):
        Sent(desk.folder).open(desk.store, desk.clock())
