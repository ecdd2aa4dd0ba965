"""What machines ask: networks bring news to /hooks, operators look at /health and /metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from bankside.channels import alarms, intake
from bankside.channels import gauges as channel_gauges
from bankside.measures import gauges as measures_gauges
from bankside.record import beat, kek, key_places, recovery
from bankside.record import gauges as record_gauges
from bankside.record.keys import NO_KEY

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Labels = Mapping[str, str]
Sample = tuple[Labels, float]


@csrf_exempt
def hook(request: HttpRequest, token: str) -> HttpResponse:
    """Hands the bytes down, one more than the limit at most, and gives the answer when they are kept."""
    body = request.read(settings.HOOK_BODY_BYTES_MAX + 1)
    try:
        answer = intake.receive(
            token, method=request.method or "", path=request.path, query=request.GET.dict(),
            headers=dict(request.headers), body=body,
        )  # fmt: skip
    except NO_KEY:  # a process that never had them: the network sends again
        answer = intake.HookAnswer(503, b"The keys are away.\n")
    response = HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)
    if answer.status == 503:
        response["Retry-After"] = str(recovery.RETRY_SECONDS)
    return response


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """200 while database and worker answer, the signer signs, keys are at hand and the desk may write, 503
    otherwise; channels in trouble and witnesses away for a day are counted, not alarmed."""
    database = record_gauges.database_answers()
    silent = beat.age_seconds()
    works = silent is not None and silent <= beat.SILENT_SECONDS_MAX
    refused = len(record_gauges.refusals()) if database else 0
    mode = recovery.mode() if database else None
    keys = _keys(database)
    well = database and works and not refused and mode is None and keys["keys"] != kek.DROPPED
    said = {
        "status": "ok" if well else "trouble",
        "database": "answers" if database else "away",
        "worker_seconds": None if silent is None else round(silent, 1),
        "read_only": mode.kind if mode else "",
        "logs_refused": refused,
        "witnesses_away": len(record_gauges.witnesses_away()) if database else 0,
        "channels": dict(Counter(one.state for one in channel_gauges.channels())) if database else {},
        "evidence": alarms.counted() if database else {},
        **keys,
    }
    return _uncached(JsonResponse(said, status=200 if well else 503))


def _keys(database: bool) -> dict[str, str | int]:
    return {
        "keys": kek.state()[0] if database else kek.DROPPED, "keys_beside_data": len(key_places.warnings()),
    }  # fmt: skip


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text: numbers and states, no names and no words of anybody."""
    text = "".join(_metric(*metric) for metric in _metrics())
    return _uncached(HttpResponse(text, content_type=METRICS_TYPE))


def _metrics() -> Iterable[tuple[str, str, str, list[Sample]]]:
    """Name, type, help, samples."""
    silent = beat.age_seconds()
    yield (
        "bankside_worker_silent_seconds", "gauge", "Seconds since the worker's last sign of life.",
        [({}, silent)] if silent is not None else [],
    )  # fmt: skip
    mode = recovery.mode()
    yield (
        "bankside_read_only", "gauge", "1 while nothing may be added: in recovery mode, or with a full disk.",
        [({"reason": kind}, float(mode is not None and mode.kind == kind)) for kind in recovery.KINDS],
    )  # fmt: skip
    yield "bankside_disk_free_bytes", "gauge", "Room where the data lies.", [({}, recovery.free_bytes())]
    yield "bankside_entries", "gauge", "Entries in the record.", [({}, record_gauges.entries())]
    yield (
        "bankside_follower_lag_entries", "gauge", "Entries that a follower has not taken.",
        _labelled("follower", record_gauges.lags()),
    )  # fmt: skip
    yield (
        "bankside_follower_set_aside_entries", "gauge", "Entries that a follower could not take.",
        _labelled("follower", record_gauges.set_aside()),
    )  # fmt: skip
    yield (
        "bankside_jobs", "gauge", "Jobs that are due, and that failed for good.",
        _labelled("state", record_gauges.jobs()),
    )  # fmt: skip
    yield (
        "bankside_evidence_alarms", "gauge", "What is too old, or does not agree, of the evidence.",
        _labelled("kind", alarms.counted()),
    )  # fmt: skip
    yield (
        "bankside_deliveries", "gauge", "Deliveries by state.",
        _labelled("state", channel_gauges.deliveries()),
    )  # fmt: skip
    yield "bankside_items", "gauge", "Kept items by state.", _labelled("state", channel_gauges.items())
    yield (
        "bankside_measures_newest_seconds", "gauge", "Seconds since the newest of what is counted.",
        _labelled("kind", measures_gauges.newest_seconds()),
    )  # fmt: skip
    yield from _channel_metrics()


def _channel_metrics() -> Iterable[tuple[str, str, str, list[Sample]]]:
    rows = channel_gauges.channels()
    labels: list[Labels] = [{"channel": one.channel, "network": one.network} for one in rows]
    states: list[Sample] = [
        ({**label, "state": one.state}, 1.0) for label, one in zip(labels, rows, strict=True)
    ]
    yield "bankside_channel_state", "gauge", "1 for the state that a channel is in.", states
    for name in channel_gauges.COUNTERS:
        samples: list[Sample] = [
            (label, float(one.counters[name])) for label, one in zip(labels, rows, strict=True)
        ]
        said = name.replace("_", " ").capitalize()
        yield f"bankside_{name}_total", "counter", f"{said}, since the channel was connected.", samples


def _labelled(label: str, numbers: Mapping[str, float]) -> list[Sample]:
    return [({label: value}, number) for value, number in sorted(numbers.items())]


def _metric(name: str, kind: str, said: str, samples: list[Sample]) -> str:
    lines = [f"# HELP {name} {said}", f"# TYPE {name} {kind}"]
    lines += [f"{name}{_braces(labels)} {number:.15g}" for labels, number in samples]
    return "\n".join(lines) + "\n"


def _braces(labels: Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _uncached(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
