"""Stored XSS: a list of payloads in every field a stranger or a colleague can fill, on every page
that shows it, in a real browser. `someone` fails on any script, dialog or report of the policy."""

import json
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import WATCH
from tests.browser.lives import lived

PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "javascript:alert(1)//",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "<a href=javascript:alert(1)>klik</a>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<style>*{display:none}</style>",
    "<form action=https://evil.example><button>Masuk</button></form>",
    "<details open ontoggle=alert(1)>",
    "<math><mi xlink:href='data:x,<script>alert(1)</script>'>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<!--<img src='--><img src=x onerror=alert(1)>'>",
    "\u202e<b>terbalik</b>",
]
ALL = " ".join(PAYLOADS)
HOSTILE_ROWS = (
    ("Kabar <script>alert(1)</script>", "benar"),
    ("Kabar =1+1 <img src=x onerror=alert(1)>", "benar"),
    ("Kabar lain", "<svg onload=alert(1)>"),
)
PAGES = (
    "/desk",
    "/desk/facts",
    "/desk/review",
    "/desk/people",
    "/desk/audit",
    "/desk/figures",
    "/desk/invite",
    "/desk/me",
)
INJECTED = "main script, main iframe, main img[src=x], main style, main [onload], main [onerror], main form[action^='https:']"


def clean(page) -> None:
    """Nothing of a payload became markup, and no template was run."""
    assert page.locator(INJECTED).count() == 0
    assert page.locator("a[href^='javascript:']").count() == 0
    assert "49" not in page.title()
    expect(page.locator("h1")).to_be_visible()


@pytest.fixture
def filled(installation, tmp_path):
    """Every field of a fact-check that can be filled, filled."""
    records = [
        {
            "identity": f"hostile-{number}",
            "claim": f"Klaim {number} {payload}",
            "title": f"Judul {number} {payload}",
            "fact": f"Fakta {payload}",
            "explanation": f"Penjelasan {payload}",
            "verdict": "false",
            "publisher": payload,
            "topic": payload,
            "sources": [
                {"url": f"https://x.example/{number}", "publisher": payload, "title": payload}
            ],
            "variants": [f"Kata orang {number} {payload}"],
            "state": "published",
        }
        for number, payload in enumerate(PAYLOADS)
    ]
    file = tmp_path / "hostile.jsonl"
    file.write_text("\n".join(json.dumps(record) for record in records), "utf-8")
    return file


def test_every_field_is_shown_as_text_on_every_page(installation, someone, moderator, filled):
    installation.saring("import", str(filled))
    for number, payload in enumerate(PAYLOADS[:4]):
        name = f"N{number} {payload}"
        installation.saring("moderator", "add", name, "--role", "reader", "--org", payload)
    asker = someone()
    asker.goto(f"{installation.url}/chat")
    rumour = (
        "Gedung Kamboja di Kecamatan Melati runtuh semalam, puluhan warga mengungsi ke balai "
        "desa dan polisi menutup jalan sampai pagi karena puing berserakan"
    )
    asker.locator("#text").fill(f"{rumour} {PAYLOADS[0]} {PAYLOADS[1]}")
    asker.locator(".go").click()
    expect(asker.locator(".ours").first).to_be_visible()
    assert asker.locator(INJECTED).count() == 0
    page = moderator("xena", role="admin")
    page.goto(f"{installation.url}/desk/invite")
    page.locator("#note").fill(ALL[:120])
    page.get_by_role("button", name="Buat undangan").click()
    clean(page)
    for path in PAGES:
        page.goto(f"{installation.url}{path}")
        clean(page)
    page.goto(f"{installation.url}/desk")
    page.get_by_role("link", name="Gedung Kamboja").first.click()
    page.get_by_text("Tutup tanpa hasil").click()
    page.get_by_label("Alasan").last.fill(ALL[:280])
    page.get_by_role("button", name="Tutup dan kabari penanya").click()
    clean(page)
    page.goto(f"{installation.url}/desk/audit")
    clean(page)


def test_history_import_public_pages_and_what_waits_show_payloads_as_text(
    installation, moderator, tmp_path
):
    page = moderator("zaki", role="admin")
    lives = lived(installation, page, tmp_path, "jahat", ALL)
    paths = [
        f"/desk/facts/{lives.revised}",
        f"/desk/facts/{lives.retracted}",
        "/desk/facts?q=jahat",
    ]
    paths += [f"/p/{lives.revised}", f"/p/{lives.retracted}", "/desk/upkeep", "/desk/audit"]
    for path in paths:
        page.goto(f"{installation.url}{path}")
        clean(page)
        if path != "/desk/upkeep":
            expect(page.locator("main")).to_contain_text("alert(1)")
    page.goto(f"{installation.url}/desk/facts/{lives.revised}")
    page.locator("#fact").fill(ALL[:160])
    expect(page.locator("#preview .bubble").first).to_contain_text("<script>")
    clean(page)
    page.goto(f"{installation.url}/desk/import")
    file = tmp_path / "<img src=x onerror=alert(1)>.csv"
    rows = [
        f'"jahat-{n}","{p}","{v}","https://x.example/{n}"' for n, (p, v) in enumerate(HOSTILE_ROWS)
    ]
    file.write_text("\n".join(("id,claim,verdict,sources", *rows)), "utf-8")
    for button in ("Pratinjau", "Impor"):
        page.locator("#file").set_input_files(file)
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.locator("#outcome :is(section, .alert)").first).to_be_visible()
        clean(page)
    page.locator("#outcome a[href^='/desk/review/']").click()
    clean(page)


def test_a_broken_rule_of_the_policy_is_noticed_on_a_page_that_was_left(installation, chromium):
    told = []
    context = chromium.new_context()
    context.expose_binding("policyBroken", lambda _, what: told.append(what))
    context.add_init_script(WATCH)
    page = context.new_page()
    page.goto(f"{installation.url}/")
    page.evaluate(
        """() => new Promise((noticed) => {
            addEventListener('securitypolicyviolation', noticed, { once: true });
            document.body.append(Object.assign(new Image(), { src: 'https://evil.example/x' }));
        })"""
    )
    page.goto(f"{installation.url}/metode")
    context.close()
    assert [one.split()[0] for one in told] == ["img-src"]


def test_no_hostile_address_breaks_a_page(installation, moderator):
    page = moderator("yuni", role="admin")
    for payload in PAYLOADS:
        for path in (
            "/desk/audit?actor=",
            "/desk/audit?what=",
            "/desk/search?q=",
            "/desk/figures?days=",
            "/desk/people?done=",
            "/desk/login?token=",
        ):
            page.goto(f"{installation.url}{path}{quote(payload)}")
            assert page.locator(INJECTED).count() == 0
