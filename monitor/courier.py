"""The courier: claim errands, deliver them, settle them. At least once, in order, never mark-then-send (law 5).

Order is kept per incident and channel. An opening that could not be delivered before the end becomes one message,
marked late. A channel that fails for good is reported through the others, once a day. Where an incident has a proposed
change, its diff goes into the alert.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, Protocol

from alerts.channel import Channel, DeliveryError
from alerts.model import LAST, Alert, Occasion, Receipt
from monitor.clock import Clock
from monitor.model import Delivery, Errand, ErrandKind, Settled
from monitor.store.base import Store
from monitor.telling import own_fault

FIRST_S, LONGEST_S = 5.0, 900.0
LONGEST_WISH_S = 86_400.0      # a Retry-After of a thousand years must not keep an alert back for ever
DEADLINE_S = 20.0       # below the store's lease: an errand must not be claimed again while it is being sent
GIVE_UP_AFTER = 100     # attempts; at the longest pause that is about a day
SAY_AFTER = 5           # attempts after which the other channels hear of it

Propose = Callable[[Errand], str]

log = logging.getLogger("vendorwatch.courier")


def pause_s(attempts: int, wish_s: float | None = None) -> float:
    """Seconds until the next try after `attempts` failed ones: 5 s doubling to 15 min, or the other side's wish."""
    return max(min(LONGEST_S, FIRST_S * 2.0 ** min(attempts, 20)), min(wish_s or 0.0, LONGEST_WISH_S))


class Outbox(Store, Protocol):
    """The store, and a look at the errands that wait and at the changes that an incident has led to."""

    def errands(self, state: str | None = None) -> Sequence[Mapping[str, Any]]: ...
    def reroutes(self, incident: str) -> Sequence[Errand]: ...


class Courier:
    """`propose` renders a Reroute errand, puts the patch where it belongs and returns the diff, or why none is."""

    def __init__(self, store: Outbox, channels: Mapping[str, Channel], clock: Clock, propose: Propose) -> None:
        self._store, self.channels, self._clock, self._propose = store, dict(channels), clock, propose
        self._diffs: dict[str, str] = {}      # by errand, of one round: the rows know the changes, not the diffs
        self._busy = asyncio.Lock()
        self.on_delivery: Callable[[Delivery, Alert | None], None] | None = None

    async def once(self) -> int:
        """Deliver what is due; how many errands were taken up. Raises StoreError."""
        async with self._busy:
            self._diffs.clear()
            errands = list(await asyncio.to_thread(self._store.claim, self._clock.now()))
            reroutes = [errand for errand in errands if errand.kind is ErrandKind.REROUTE]
            tells = sorted((e for e in errands if e.kind is ErrandKind.TELL), key=_line)
            for errand in reroutes:
                await self._settle(Delivery(errand, Settled.DONE, self._clock.now(), (await self._diff(errand))[:200]))
            tells = await self._in_turn(tells)
            lines = [sorted(line, key=lambda e: e.id) for _, line in groupby(tells, key=_line)]
            await asyncio.gather(*(self._tell_line(line) for line in lines))
            return len(errands)

    async def _in_turn(self, tells: list[Errand]) -> list[Errand]:
        """Those with nothing older of their line still waiting; the others wait for it."""
        if not tells:
            return tells
        waiting = await asyncio.to_thread(lambda: [*self._store.errands("queued"), *self._store.errands("leased")])
        ours = {errand.id for errand in tells}
        turns: list[Errand] = []
        for errand in tells:
            ahead = [row for row in waiting if row["id"] < errand.id and row["id"] not in ours
                     and (row["incident"], row["channel"]) == _line(errand)]
            if ahead:
                due_us = max(row["lease_until_us"] or row["due_us"] for row in ahead)
                again = datetime.fromtimestamp(due_us / 1e6, UTC)
                await self._settle(Delivery(errand, Settled.WAITS, self._clock.now(),
                                            "waits for the message before it", retry_at=again))
            else:
                turns.append(errand)
        return turns

    async def _diff(self, errand: Errand) -> str:
        """The diff of a Reroute as it is now, or why there is none."""
        if errand.key not in self._diffs:
            try:
                self._diffs[errand.key] = await asyncio.to_thread(self._propose, errand)
            except Exception as bug:
                log.exception("a change could not be rendered errand=%s", errand.key)
                self._diffs[errand.key] = f"no patch could be rendered: {type(bug).__name__}: {bug}"
        return self._diffs[errand.key]

    async def _tell_line(self, line: Sequence[Errand]) -> None:
        """The errands of one incident on one channel, oldest first."""
        read = [(errand, alert) for errand in line if (alert := await self._read(errand)) is not None]
        line, alerts = [errand for errand, _ in read], [alert for _, alert in read]
        merged = _late(alerts)
        if merged is not None:
            sent = await self._send(line[-1], merged)
            for errand in line[:-1]:
                detail = "told late, in one message with the recovery"
                await self._settle(replace(sent, errand=errand, detail=detail if sent.settled is Settled.DONE
                                           else sent.detail))
            await self._settle(sent, merged)
            return
        for position, (errand, alert) in enumerate(zip(line, alerts, strict=True)):
            sent = await self._send(errand, alert)
            await self._settle(sent, alert)
            if sent.settled is Settled.RETRY:
                for waiting in line[position + 1:]:
                    await self._settle(replace(sent, errand=waiting, settled=Settled.WAITS,
                                               detail="waits for the message before it"))
                return

    async def _read(self, errand: Errand) -> Alert | None:
        """The alert of the row. What cannot be read (a newer version wrote it) is given up: the others do not wait."""
        from monitor.errand import alert_from_json

        try:
            return alert_from_json(errand.payload)
        except (ValueError, TypeError) as error:
            await self._settle(await self._failed(errand, DeliveryError(f"cannot be read: {error}", permanent=True)))
            return None

    async def _send(self, errand: Errand, alert: Alert) -> Delivery:
        """One attempt. Raises nothing that a channel may cause."""
        alert = await self._with_diff(alert)
        channel = self.channels.get(errand.channel)
        try:
            if channel is None:
                raise DeliveryError("the config has no such channel any more", permanent=True)
            reference = await asyncio.to_thread(self._store.first_reference, errand.incident, errand.channel)
            message = replace(channel.render(alert), key=errand.key)
            async with asyncio.timeout(DEADLINE_S):
                receipt = await channel.deliver(message, Receipt(reference) if reference else None)
        except DeliveryError as failure:
            return await self._failed(errand, failure)
        except Exception as bug:  # noqa: BLE001 – becomes a recorded outcome
            return await self._failed(errand, DeliveryError(f"{type(bug).__name__}: {bug}"))
        return Delivery(errand, Settled.DONE, self._clock.now(), receipt.detail, receipt.reference)

    async def _with_diff(self, alert: Alert) -> Alert:
        """Rendered from the rows at every attempt: a retry may be another life of ours, and the config a new one."""
        from monitor.errand import change_named

        if alert.proposed or alert.occasion not in (Occasion.OPENED, Occasion.UPDATED):
            return alert
        changes = await asyncio.to_thread(self._store.reroutes, alert.incident)
        diffs = [await self._diff(change) for change in changes]
        ways = [f"vendorwatch patch approve {name}" for change, diff in zip(changes, diffs, strict=True)
                if diff.startswith("--- ") and (name := change_named(change.payload))]
        return replace(alert, proposed="\n".join(filter(None, dict.fromkeys(diffs))), run=(*alert.run, *ways))

    async def _failed(self, errand: Errand, failure: DeliveryError) -> Delivery:
        now = self._clock.now()
        final = failure.permanent or errand.attempts >= GIVE_UP_AFTER
        log.warning("not delivered channel=%s errand=%s final=%s reason=%s", errand.channel, errand.key, final,
                    failure.reason)
        if final or errand.attempts == SAY_AFTER:
            await self._report(errand, failure.reason, now)
        if final:
            return Delivery(errand, Settled.FAILED, now, failure.reason)
        pause = pause_s(max(0, errand.attempts - 1), failure.retry_after_s)      # attempts counts this one
        again = now + timedelta(seconds=pause)
        return Delivery(errand, Settled.RETRY, now, failure.reason, retry_at=again)

    async def _report(self, errand: Errand, reason: str, now: datetime) -> None:
        """Say through the other channels that this one fails. Queued like any errand, keyed: once a day."""
        others = tuple(name for name in self.channels if name != errand.channel)
        if not others or errand.incident.startswith("channel:"):
            return                        # nobody left to tell, or this was such a report already
        because = f"channel {errand.channel} does not deliver: {reason}"
        tell = own_fault(f"channel:{errand.channel}", because, now, others, f"vendorwatch notify test {errand.channel}")
        await asyncio.to_thread(self._store.act, (tell,), now)

    async def _settle(self, delivery: Delivery, alert: Alert | None = None) -> None:
        await asyncio.to_thread(self._store.settle, delivery)
        if self.on_delivery is not None:
            self.on_delivery(delivery, alert)


def _line(errand: Errand) -> tuple[str, str]:
    return errand.incident, errand.channel


def _late(alerts: Sequence[Alert]) -> Alert | None:
    """One message for a condition that ended before anybody was told of it; None where there is no such thing."""
    if len(alerts) < 2 or alerts[-1].occasion not in LAST:
        return None
    return replace(alerts[-1], late=True) if alerts[0].occasion is Occasion.OPENED else None
