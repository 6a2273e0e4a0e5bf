// Fetch the new CSRF token after a sign-in in another tab, so that the page need not be reloaded.
import { findAll } from "./dom.js";

const HEADERS = "hx-headers:inherited";

/** Resolves to whether the token was renewed: not when signed out, as another user, or if the page no longer exists. */
export async function renewToken() {
  const response = await fetch(location.href).catch(() => null);
  if (!response?.ok || response.redirected) return false;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const headers = page.body.getAttribute(HEADERS);
  if (!headers || page.body.dataset.user !== document.body.dataset.user) return false;
  document.body.setAttribute(HEADERS, headers);
  for (const field of findAll("[name=csrfmiddlewaretoken]")) field.value = JSON.parse(headers)["X-CSRFToken"];
  return true;
}
