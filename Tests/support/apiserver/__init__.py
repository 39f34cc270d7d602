"""A stand-in for a Kubernetes API server: it replays the answers of a real one, and fails on request."""

from apiserver.authority import Authority
from apiserver.objects import ANYTHING, Objects, Subject
from apiserver.recordings import Recordings
from apiserver.reply import End, Reply, answer, status_body, trickling
from apiserver.server import Request, StandIn

__all__ = [
    "ANYTHING",
    "Authority",
    "End",
    "Objects",
    "Recordings",
    "Reply",
    "Request",
    "StandIn",
    "Subject",
    "answer",
    "status_body",
    "trickling",
]
