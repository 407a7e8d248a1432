"""Outgoing messages survive the trip through the outbox."""

import json

from hypothesis import given
from hypothesis import strategies as st

from handlers.messages import Block, Button, Do, Outgoing, Style, pack, unpack

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
BLOCKS = st.builds(Block, TEXT, st.sampled_from(Style), st.booleans())
BUTTONS = st.builds(Button, TEXT, TEXT, TEXT, TEXT)
CARDS = st.builds(Outgoing, to=TEXT, blocks=st.tuples(BLOCKS))
MESSAGES = st.builds(
    Outgoing,
    to=TEXT,
    do=st.sampled_from(Do),
    blocks=st.lists(BLOCKS, max_size=3).map(tuple),
    buttons=st.lists(st.lists(BUTTONS, max_size=2).map(tuple), max_size=2).map(tuple),
    quote=TEXT,
    fact=st.none() | st.tuples(st.integers(1, 9), st.integers(1, 9)),
    template_values=st.lists(TEXT, max_size=2).map(tuple),
    broadcast=st.booleans(),
    cards=st.lists(CARDS, max_size=2).map(tuple),
)


@given(MESSAGES)
def test_a_message_comes_back_from_json_as_it_was(message: Outgoing) -> None:
    assert unpack(json.loads(json.dumps(pack(message)))) == message
