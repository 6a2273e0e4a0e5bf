"""The pages of the fake of Stripe: where a buyer pays, and where a subscriber changes, renews or cancels a plan."""

import threading
from html import escape
from urllib.parse import parse_qsl

from tests.fakes.messages import Reply, Request

PAY_BUTTONS = {"paid": "Pay", "slow": "Pay, the bank confirms later", "failed": "Pay, the bank refuses later"}
BANK_SECONDS = 5  # until the bank of the fake confirms or refuses


class StripePages:
    """A part of StripeFake. Stripe has no buttons for renewals, which come by themselves; here a click is a month."""

    objects: dict[str, dict]
    prices: dict[str, dict]

    def show_page(self, request: Request, ref: str) -> Reply:
        session = self.objects[ref]
        if session["status"] != "open":
            return page(f"<h1>This page is {session['status']}</h1>")
        amount = write_amount(session["amount_total"], session["currency"])
        forms = "".join(f'<button name="how" value="{how}">{text}</button> ' for how, text in PAY_BUTTONS.items())
        back = link("Back", session["cancel_url"])
        return page(f'<h1>Pay {amount}</h1><p>No money moves here.</p><form method="post">{forms}</form>{back}')

    def use_page(self, request: Request, ref: str) -> Reply:
        how = dict(parse_qsl(request.body.decode())).get("how", "paid")
        is_slow = how != "paid" and self.objects[ref]["mode"] == "payment"
        self.pay(ref, is_slow=is_slow)
        if is_slow:
            outcome = "paid" if how == "slow" else "failed"
            threading.Timer(BANK_SECONDS, self.confirm, args=(ref,), kwargs={"outcome": outcome}).start()
        return redirect(self.objects[ref]["success_url"])

    def show_portal(self, request: Request, ref: str) -> Reply:
        portal = self.objects[ref]
        back = link("Back", portal["return_url"] or "")
        if flow := portal["flow"]:
            return page(f"<h1>Confirm your changes</h1>{self._preview(flow)}{back}")
        rows = "".join(self._show_subscription(row) for row in self._list_subscriptions(portal))
        return page(f"<h1>Cards and invoices</h1>{rows}{back}")

    def _preview(self, flow: dict) -> str:
        asked = flow["subscription_update_confirm"]
        (item,) = asked["items"]
        amount = max(0, self.prorate(asked["subscription"], item["price"]))
        due = write_amount(amount, self.prices[item["price"]]["currency"])
        fields = f'<input type="hidden" name="subscription" value="{escape(asked["subscription"])}">'
        button = f'<button name="do" value="{escape(item["price"])}">Confirm</button>'
        return f'<p>Due today: {due}. No money moves here.</p><form method="post">{fields}{button}</form>'

    def _show_subscription(self, row: dict) -> str:
        price = row["items"]["data"][0]["price"]["id"]
        if row["cancel_at_period_end"]:
            acts = {"end": "Let a period pass: it ends", "resume": "Renew it after all"}
        else:
            acts = {"renew": "Let a period pass: it renews", "fail": "Let a period pass: the payment fails"}
            acts |= {"cancel": "Cancel at its end"}
            acts |= {name: f"Change to {name}" for name in self.prices if name != price}
        buttons = "".join(f'<button name="do" value="{escape(name)}">{escape(acts[name])}</button> ' for name in acts)
        fields = f'<input type="hidden" name="subscription" value="{escape(row["id"])}">'
        return f'<h2>{escape(price)}: {row["status"]}</h2><form method="post">{fields}{buttons}</form>'

    def _list_subscriptions(self, portal: dict) -> list[dict]:
        rows = [row for row in self.objects.values() if row["object"] == "subscription"]
        return [row for row in rows if row["customer"] == portal["customer"] and row["status"] != "canceled"]

    def use_portal(self, request: Request, ref: str) -> Reply:
        portal, asked = self.objects[ref], dict(parse_qsl(request.body.decode()))
        rows = [row["id"] for row in self._list_subscriptions(portal)]
        subscription, what = asked.get("subscription", ""), asked.get("do", "")
        if subscription not in rows:
            return Reply(404, b"")
        if what in self.prices:
            self.change_price(subscription, what)
        else:
            acts = {
                "renew": self.renew,
                "fail": lambda found: self.renew(found, is_paid=False),
                "cancel": lambda found: self.set_renewal(found, renews=False),
                "resume": lambda found: self.set_renewal(found, renews=True),
                "end": self.end_subscription,
            }
            acts[what](subscription)
        return redirect(portal["return_url"] or "/")


def redirect(url: str) -> Reply:
    return Reply(303, b"", {"Location": url})


def link(text: str, url: str) -> str:
    return f'<p><a href="{escape(url)}">{text}</a></p>'


def write_amount(units: int, currency: str) -> str:
    return f"{units / 100:.2f} {currency.upper()}"


def page(content: str) -> Reply:
    head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Payment (fake)</title>'
    return Reply(200, f"{head}<main>{content}</main>", {"Content-Type": "text/html; charset=utf-8"})
