// The video tab: sending begins with choosing, the bar tells how much is sent, a refusal is told where one stands.
import { word } from "./dom.js";

const MOST = 200_000_000;

document.addEventListener("change", (event) => {
  const input = event.target.closest("[data-video-start] input[type=file]");
  if (!input?.files.length) return;
  if (input.files[0].size > MOST) {
    tell(input.closest(".field"), input.closest("[data-video-start]").dataset.tooLarge);
    input.value = "";
    return;
  }
  send(input);
});

function send(input) {
  const field = input.closest(".field");
  const bar = field.querySelector("[data-video-progress]");
  const request = new XMLHttpRequest();
  const body = new FormData(input.form);
  request.open("POST", input.form.action);
  request.upload.addEventListener("progress", (sent) => {
    if (sent.lengthComputable) bar.value = Math.round((100 * sent.loaded) / sent.total);
  });
  request.addEventListener("load", () => {
    if (request.status < 400) sent(field, request);
    else refused(field, words(request.responseText) || `${request.status}`);
  });
  request.addEventListener("error", () => refused(field, word("unreachable")));
  input.disabled = true;
  bar.hidden = false;
  field.querySelector("[data-video-error]").hidden = true;
  request.send(body);
}

// The page that was answered shows how the check stands; that piece of it takes the place, the words stay as typed.
function sent(field, request) {
  if (!field.isConnected) return window.location.assign(request.responseURL); // the form came anew meanwhile, without it
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const state = page.getElementById("video-state");
  if (!state) return window.location.assign(request.responseURL);
  const places = ["[data-video-progress]", "[data-video-error]"];
  places.forEach((each) => field.querySelector(each).remove());
  field.querySelector("[data-video-start]").replaceWith(state);
  history.replaceState(null, "", request.responseURL);
  globalThis.htmx.process(state);
  return undefined;
}

function words(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  return (page.querySelector("[data-video-words]") ?? page.body).textContent.trim().slice(0, 300);
}

function refused(field, text) {
  field.querySelector("[data-video-progress]").hidden = true;
  const input = field.querySelector("input");
  input.disabled = false;
  input.value = ""; // the same file may be chosen once more
  tell(field, text);
}

function tell(field, text) {
  const place = field.querySelector("[data-video-error]");
  place.hidden = false;
  place.querySelector("span").textContent = text;
}
