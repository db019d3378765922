"""The commands look at the same records of the offline AWS again and again."""

from tests.replays import replayed_once as replayed_once
