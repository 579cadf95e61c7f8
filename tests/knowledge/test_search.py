"""Words lead to the entry somebody meant, whatever form they are in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whetstone_knowledge.entries import entries
from whetstone_knowledge.search import Index, tokens

INDEX = Index(entries())


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("circuit breaker", "circuit-breaker"),
        ("half-open", "circuit-breaker"),
        ("GenServer", "gen-server"),
        ("gen_server", "gen-server"),
        ("gen servers", "gen-server"),
        ("state machine", "gen-statem"),
        ("cache reads", "ets-cache"),
        ("one process per user", "dynamic-supervisor"),
        ("leader election", "hot-standby"),
        ("N+1 queries", "query-in-a-loop"),
        ("deadlock", "server-calls-itself"),
        ("mailbox grows", "back-pressure"),
        ("slow init", "init-without-waiting"),
        ("struct too large", "structs-with-32-fields-or-more"),
        ("deploy without losing data", "orderly-stop"),
        ("PartitionSupervisor", "partitioned-server"),
        ("backoff jitter", "retry-with-jitter"),
        ("String.to_atom", "dynamic-atom-creation"),
        ("crdt", "replication"),
        ("thundering", "retry-with-jitter"),
        ("retr", "retry-with-jitter"),
        ("pooling connections", "pool"),
    ],
)
def test_words_find_what_is_meant(words, name):
    assert INDEX.search(words)[0].entry.name == name


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.name)
def test_an_entry_is_found_by_its_title_and_its_name(entry):
    for words in (entry.title, entry.name, entry.title.upper()):
        assert entry.name in [hit.entry.name for hit in INDEX.search(words)[:3]]


def test_case_and_plural_make_no_difference():
    one, other = INDEX.search("Circuit Breakers"), INDEX.search("circuit breaker")
    assert [(hit.entry.name, hit.score) for hit in one] == [(hit.entry.name, hit.score) for hit in other]


def test_it_is_said_where_the_words_stand():
    (first, *_) = INDEX.search("breaker outage")
    assert first.reasons == ("breaker in the title", "outage in the keywords")


def test_words_that_stand_nowhere_find_nothing():
    assert INDEX.search("zzqx") == []
    assert INDEX.search("") == []
    assert INDEX.search("?!") == []


def test_nearest_word_is_for_a_slip():
    assert INDEX.nearest("braeker") == "breaker"
    assert INDEX.nearest("zzqx") is None


def test_examples_are_not_searched():
    """A thumbnail is made in an example, and spoken of nowhere."""
    assert INDEX.search("thumbnail") == []
    assert any("Thumbnail" in entry.body for entry in entries())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("GenServer", ["genserver", "gen", "server"]),
        ("gen_servers", ["genserver", "gen", "server"]),
        ("HTTPClient", ["httpclient", "http", "client"]),
        ("ETS caches", ["ets", "cache"]),
        ("queries retries", ["query", "retry"]),
        ("status process", ["status", "process"]),
        ("N+1", ["n", "1"]),
        (":pg2", ["pg2", "pg", "2"]),
    ],
)
def test_words_of_a_text(text, words):
    assert list(tokens(text)) == words


@given(st.text())
def test_any_text_can_be_searched_for(text):
    hits = INDEX.search(text)
    assert all(hit.score > 0 and hit.reasons for hit in hits)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
