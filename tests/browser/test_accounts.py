"""Passkeys in a real browser, and requests of a page whose session has ended."""

from tests.browser.user import PASSWORD

DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


def test_passkey_made_in_settings_signs_in_without_a_password(mika):
    page = mika.page
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})

    mika.open("/account/2fa/webauthn/add/")
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("button", name="Create passkey").click()
    page.wait_for_url("**/recovery-codes/")
    page.context.clear_cookies()
    mika.open("/account/login/")
    page.get_by_role("button", name="Use a passkey").click()

    page.wait_for_url("**/create/")


def test_partial_request_after_the_session_ended_leads_to_sign_in_and_back(mika):
    mika.expected = ("401",)
    mika.open("/jobs/")
    mika.page.context.clear_cookies()

    mika.page.evaluate("htmx.ajax('GET', '/settings/security/', '#main')")

    mika.page.wait_for_url("**/account/login/?next=%2Fjobs%2F")
