// The key to deeds (CSRF) changes when one signs in again in another tab. The page takes the new one over, instead of telling
// whoever writes in it to load it again.
import { all } from "./dom.js";

const HEADERS = "hx-headers:inherited";

/** Whether there is one: not where one is signed out, or for a page that is not there any more. */
export async function renewKey() {
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok || answer.redirected) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const headers = page.body.getAttribute(HEADERS);
  if (!headers || page.body.dataset.person !== document.body.dataset.person) return false; // nothing of one as another's
  document.body.setAttribute(HEADERS, headers);
  for (const field of all("[name=csrfmiddlewaretoken]")) field.value = JSON.parse(headers)["X-CSRFToken"];
  return true;
}
