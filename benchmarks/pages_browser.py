"""Open pages in Chromium as somebody with a slow machine and line would, each with an empty cache."""

from collections import Counter

import requests
from playwright.sync_api import Page, sync_playwright

BITS_PER_SECOND, LATENCY_MS, SLOWER = 10_000_000, 40, 4
SETTLE_MS = 1500
OBSERVE = """
window.seen = { lcp: 0, cls: 0 };
new PerformanceObserver((list) => { for (const entry of list.getEntries()) seen.lcp = entry.startTime; })
    .observe({ type: "largest-contentful-paint", buffered: true });
new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) seen.cls += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


def measure_pages(url: str, pages: dict[str, str], cookies: dict[str, str]) -> dict:
    """Return the worst ``lcp_s``, ``cls``, ``js_kb`` and ``css_kb`` of these pages and of a visitor's home page."""
    found = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for name, path in ({"home": "/"} | pages).items():
            own = cookies if name in pages else {}
            requests.get(url + path, cookies=own, timeout=60)  # the first request of a page compiles its templates
            context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US")
            if own:
                context.add_cookies([{"name": key, "value": value, "url": url} for key, value in own.items()])
            found[name] = _measure(context.new_page(), url + path)
            print(f"{name}: {found[name]}", flush=True)  # noqa: T201
            context.close()
        browser.close()
    return {name: max(page[name] for page in found.values()) for name in ("lcp_s", "cls", "js_kb", "css_kb")}


def _measure(page: Page, address: str) -> dict[str, float]:
    session = page.context.new_cdp_session(page)
    kinds: dict[str, str] = {}
    received: Counter = Counter()
    session.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    session.on(  # compressed, without headers
        "Network.dataReceived",
        lambda event: received.update({kinds.get(event["requestId"], ""): event["encodedDataLength"]}),
    )
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": BITS_PER_SECOND / 8,
            "uploadThroughput": BITS_PER_SECOND / 8,
        },
    )
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.add_init_script(OBSERVE)
    page.goto(address, wait_until="load", timeout=120_000)
    page.wait_for_timeout(SETTLE_MS)
    seen = page.evaluate("window.seen")
    return {
        "lcp_s": round(seen["lcp"] / 1000, 2),
        "cls": round(seen["cls"], 3),
        "js_kb": round(received["Script"] / 1000, 1),
        "css_kb": round(received["Stylesheet"] / 1000, 1),
    }
