"""What began together is one story; what is left over of days ago tells nothing."""

from dataclasses import replace

from monitor.esr import Detector
from monitor.rule import ANYHOW, Family, StreamKey
from monitor.story import Member, since, stories, weight_of
from monitor.track import Track

NOW = 1_790_000_000.0


def member(region, value, onset=NOW, every_s=60.0, model=None, rule="network"):
    found = Detector(ANYHOW, NOW)
    found.s = [value] * len(found.s)
    return Member(Track(StreamKey("claude", region, "reachability", model=model), every_s), rule, found, onset)


def regions(told):
    return [sorted(m.track.stream.region for m in story) for story in told]


def test_what_began_together_is_one_story_and_what_began_apart_another():
    some = [member("eu", 1e6), member("us", 1e6, NOW + 600.0), member("cn", 1e6, NOW + 3600.0)]
    assert regions(stories(Family.REACH, some)) == [["eu", "us"], ["cn"]]


def test_a_model_is_a_story_of_its_own():
    assert len(stories(Family.MODEL, [member("eu", 1e6, model="a"), member("eu", 1e6, model="b")])) == 2


def test_little_that_is_left_over_does_not_tell_since_when():
    old = member("eu", 1e4, NOW - 86_400.0, every_s=300.0)
    assert since([old, member("eu", 1e8)]) == NOW
    assert since([old]) == NOW - 86_400.0


def test_what_is_asked_often_by_a_rule_with_a_large_share_weighs_most():
    assert weight_of([member("eu", 1e6)]) > weight_of([member("eu", 1e6, every_s=300.0)])
    assert weight_of([member("eu", 1e6, rule="regional")]) > weight_of([member("eu", 1e6)])


def test_whoever_shows_a_key_that_is_refused_shows_the_same_key():
    def keyed(region, onset, account):
        one = member(region, 1e6, onset)
        return replace(one, track=Track(StreamKey("claude", region, "completion", account=account), 60.0))
    apart = [keyed("eu", NOW, "main"), keyed("us", NOW + 7200.0, "main"), keyed("eu", NOW, "spare")]
    assert regions(stories(Family.RATE, apart)) == [["eu", "us"], ["eu"]]
    assert regions(stories(Family.RATE, [replace(m, track=Track(StreamKey("claude", m.track.stream.region,
                                                                          "reachability"), 60.0))
                                         for m in apart[:2]])) == [["eu"], ["us"]]
