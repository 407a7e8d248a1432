"""One process, as an operator starts and stops it; nothing is lost on the way."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import threading
from contextlib import closing

import httpx
import pytest

from bot import server
from bot.lock import PortTaken
from bot.settings import Settings
from bot.wiring.house import House, build
from knowledge_base.facts import Address, FactCheck, Source, Verdict
from tests.bot.processes import Running, Visitor, environment, finished, free_port


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("saring") / "var"


@pytest.fixture(scope="module")
def running(folder):
    process = Running("run", folder, free_port(), fresh=True).ready()
    yield process
    process.end()


@pytest.fixture
def started():
    """start(verb, folder, port): a process that is ended after the test."""
    all_of_them = []

    def start(*args, **more):
        all_of_them.append(Running(*args, **more))
        return all_of_them[-1]

    yield start
    for one in all_of_them:
        one.end()


def test_it_prints_its_addresses_and_a_login_that_works(running):
    lines = dict(line.split(maxsplit=1) for line in running.output().splitlines() if "  " in line)
    assert lines["chat"] == f"{running.base}/chat"
    assert httpx.get(lines["chat"]).status_code == 200
    assert httpx.get(lines["desk"]).status_code == 200
    assert "/desk/login?token=" in lines["desk"]


def test_it_says_at_start_that_a_topic_of_the_policy_never_applies(tmp_path, capsys):
    house = build(settings(tmp_path, SARING_APPROVAL_TOPICS="pilkades"))
    house.store.migrate()
    server.announce(house, "")
    assert "has the topic pilkades, so nobody is asked" in capsys.readouterr().out
    house.store.close()


@pytest.mark.parametrize(
    ("public", "told"),
    [("", "the browser chat only"), ("https://saring.example", "no messenger yet: saring doctor")],
)
def test_it_says_where_people_reach_it(tmp_path, capsys, public, told):
    house = build(settings(tmp_path, PUBLIC_URL=public))
    house.store.migrate()
    server.announce(house, "")
    assert f"on      {told}\n" in capsys.readouterr().out
    house.store.close()


def test_it_says_that_it_is_alive_and_ready(running):
    assert httpx.get(f"{running.base}/healthz").status_code == 200
    assert httpx.get(f"{running.base}/readyz").status_code == 200


def test_a_forwarded_message_is_answered(running):
    visitor = Visitor(running.base)
    assert visitor.say("Kabar bahwa TPS di kampung kami pindah ke bulan") == 200
    running.until(visitor.answers)
    visitor.client.close()


def test_everything_it_wrote_lies_in_its_folder_and_is_for_its_owner_only(running, folder):
    assert {path.name for path in folder.iterdir()} >= {"saring.db", "secret.key", "worker.lock"}
    for name in ("saring.db", "secret.key"):
        assert (folder / name).stat().st_mode & 0o077 == 0


def test_a_second_worker_on_the_same_folder_is_refused_with_one_line(running, folder):
    code, _, error = finished("work", env=environment(folder, free_port()), folder=folder)
    assert (code, error.count("\n")) == (1, 1)
    assert "already running" in error


def test_a_taken_port_is_told_with_one_line(running, tmp_path):
    code, _, error = finished("run", env=environment(tmp_path, running.port), folder=tmp_path)
    assert (code, error.count("\n")) == (1, 1)
    assert str(running.port) in error
    assert "SARING_PORT" in error


def test_a_wrong_setting_is_named_with_one_line(tmp_path):
    env = environment(tmp_path, free_port(), SARING_PROT="8000")
    code, _, error = finished("run", env=env, folder=tmp_path)
    assert (code, error.count("\n")) == (1, 1)
    assert "SARING_PROT" in error


def test_after_a_kill_it_starts_again_and_answers_what_it_had_acknowledged(
    running, folder, started
):
    visitor = Visitor(running.base)
    assert visitor.say("Kabar bahwa hari pemungutan suara digeser setahun") == 200
    running.process.kill()
    running.process.wait(30)
    again = started("run", folder, running.port, fresh=True).ready()
    again.until(visitor.answers)
    assert [line["ours"] for line in visitor.lines()] == [False, True]
    assert again.stop(signal.SIGINT) == 0
    visitor.client.close()


def test_it_stops_in_order_though_pages_are_open(folder, started):
    process = started("run", folder, free_port()).ready()
    visitor, ended = Visitor(process.base), threading.Event()
    visitor.say("Kabar bahwa surat suara sudah dicoblos semuanya")
    process.until(visitor.answers)
    opened = threading.Event()

    def listen():
        with visitor.client.stream("GET", "/chat/events", timeout=30) as stream:
            for _ in stream.iter_lines():
                opened.set()
        ended.set()

    page = threading.Thread(target=listen)
    page.start()
    assert opened.wait(30)
    assert process.stop(signal.SIGTERM) == 0
    assert ended.wait(30)
    page.join()
    visitor.client.close()


def test_web_and_work_may_run_in_two_processes(tmp_path, started):
    web = started("serve", tmp_path, free_port()).ready()
    started("work", tmp_path, free_port())
    visitor = Visitor(web.base)
    assert visitor.say("Kabar bahwa petugas datang menarik uang pendaftaran") == 200
    web.until(visitor.answers)
    visitor.client.close()


def test_a_start_waits_for_somebody_who_writes_for_long(folder, running, started):
    with closing(sqlite3.connect(folder / "saring.db", isolation_level=None)) as importing:
        importing.execute("begin immediate")
        beside = started("serve", folder, free_port())
        beside.until(lambda: "the database is busy" in beside.output())
        importing.execute("rollback")
    beside.ready()
    assert beside.stop() == 0


# ── without a process of its own ────────────────────────────────────────────────────────────


def settings(folder, **more):
    return Settings.model_validate({"SARING_VAR": folder, "SECRET_KEY": "k" * 40, **more})


def test_a_port_somebody_uses_is_no_traceback(tmp_path):
    chosen = settings(tmp_path, SARING_PORT=free_port())
    with server.listen(chosen), pytest.raises(PortTaken, match="SARING_PORT"):
        server.listen(chosen)


def test_an_address_of_another_machine_is_told_by_its_setting(tmp_path):
    chosen = settings(tmp_path, SARING_PORT=free_port(), SARING_HOST="192.0.2.1")
    with pytest.raises(PortTaken, match="SARING_HOST"):
        server.listen(chosen)


@pytest.mark.parametrize(
    ("more", "names", "wanted"),
    [
        ({}, [], "/desk/login?token="),
        ({}, ["admin"], "/desk/login?token="),
        ({}, ["Sari"], "moderator link NAME"),
        ({"SARING_HOST": "0.0.0.0"}, [], "moderator add NAME --role admin"),
        ({"SARING_HOST": "0.0.0.0"}, ["admin"], "moderator link NAME"),
    ],
)
def test_a_login_is_printed_only_for_the_first_admin_on_this_machine(tmp_path, more, names, wanted):
    house = build(settings(tmp_path, **more))
    house.store.migrate()
    with house.store.work() as work:
        for name in names:
            work.desk.add(name, server.Role.ADMIN, "", server.utc_now())
    assert wanted in server.first_link(house)
    house.store.close()


def test_starting_twice_leaves_one_retention_round(tmp_path):
    house = build(settings(tmp_path))
    for _ in range(2):
        server.prepare(house)
    with house.store.read() as work:
        assert work.job_table.counts()["waiting"] == 1
    house.store.close()


def test_who_was_erased_is_erased_again_at_the_start_on_an_older_copy(tmp_path):
    house, siti = build(settings(tmp_path)), Address("telegram", "bot", "811")
    house.store.migrate()
    with house.store.work() as work:
        person = work.contacts.at(siti, server.utc_now()).id
    house.store.checkpoint()
    file = house.settings.var / "saring.db"
    old = shutil.copy(file, tmp_path / "old.db")
    with house.store.work() as work:
        work.people.erase(person)
    house.store.close()
    shutil.copy(old, file)
    house = build(settings(tmp_path))
    server.prepare(house)
    with house.store.read() as work:
        assert work.contacts.known(siti) is None
    house.store.close()


def claim(words: str) -> FactCheck:
    source = Source("https://example.org/periksa", publisher="Contoh")
    return FactCheck(words, words, Verdict.FALSE, fact=f"Tidak benar: {words}", sources=(source,))


def prepared(folder) -> House:
    house = build(settings(folder))
    server.prepare(house, keeps=True)
    return house


def publish(house: House, *words: str) -> None:
    with house.store.work() as work:
        work.facts.save_many([claim(each) for each in words], "tester", "for a test")


def test_the_index_of_the_last_start_takes_in_what_was_published_since(tmp_path):
    house = prepared(tmp_path)
    publish(house, "Walikota Melati menggratiskan parkir selamanya")
    house.store.close()
    again = prepared(tmp_path)
    found = again.finder.find("walikota melati gratiskan parkir selamanya")
    assert "parkir" in found.matches[0].why.agree
    again.store.close()


def test_a_copy_put_back_by_hand_does_not_get_the_index_of_a_later_database(tmp_path):
    house = prepared(tmp_path)
    copied = tmp_path / "copy.db"
    with (
        closing(sqlite3.connect(tmp_path / "saring.db")) as running,
        closing(sqlite3.connect(copied)) as copy,
    ):
        running.backup(copy)
    publish(house, "Walikota Melati menggratiskan parkir selamanya")
    house.finder.refresh()
    house.store.close()
    copied.replace(tmp_path / "saring.db")
    house = build(settings(tmp_path))
    publish(house, "Jembatan Anggrek runtuh")  # as far as the index, by another change
    house.store.close()
    again = prepared(tmp_path)
    found = again.finder.find("walikota melati gratiskan parkir selamanya").matches
    assert not found or "selamanya" not in found[0].why.agree
    assert again.finder.find("jembatan anggrek runtuh").matches[0].why.via == "exact"
    again.store.close()
