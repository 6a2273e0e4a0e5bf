// Upload a video when it is chosen, show the progress, and report errors beside the field.
import { message } from "./dom.js";

const MAX_BYTES = 200_000_000;

document.addEventListener("change", (event) => {
  const input = event.target.closest("[data-video-upload] input[type=file]");
  if (!input?.files.length) return;
  if (input.files[0].size > MAX_BYTES) {
    showError(input.closest(".field"), input.closest("[data-video-upload]").dataset.tooLarge);
    input.value = "";
    return;
  }
  upload(input);
});

function upload(input) {
  const field = input.closest(".field");
  const bar = field.querySelector("[data-video-progress]");
  const request = new XMLHttpRequest();
  const body = new FormData(input.form);
  request.open("POST", input.form.action);
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) bar.value = Math.round((100 * event.loaded) / event.total);
  });
  request.addEventListener("load", () => {
    if (request.status < 400) showState(field, request);
    else handleRefusal(field, readMessage(request.responseText) || `${request.status}`);
  });
  request.addEventListener("error", () => handleRefusal(field, message("unreachable")));
  input.disabled = true;
  bar.hidden = false;
  field.querySelector("[data-video-error]").hidden = true;
  request.send(body);
}

// Replace the field with the state of the check in the response; the rest of the form stays as it is.
function showState(field, request) {
  if (!field.isConnected) return window.location.assign(request.responseURL); // the form was replaced meanwhile
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const state = page.getElementById("video-state");
  if (!state) return window.location.assign(request.responseURL);
  const parts = ["[data-video-progress]", "[data-video-error]"];
  parts.forEach((selector) => field.querySelector(selector).remove());
  field.querySelector("[data-video-upload]").replaceWith(state);
  history.replaceState(null, "", request.responseURL);
  globalThis.htmx.process(state);
  return undefined;
}

function readMessage(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  return (page.querySelector("[data-video-message]") ?? page.body).textContent.trim().slice(0, 300);
}

function handleRefusal(field, text) {
  field.querySelector("[data-video-progress]").hidden = true;
  const input = field.querySelector("input");
  input.disabled = false;
  input.value = ""; // so that the same file can be chosen again
  showError(field, text);
}

function showError(field, text) {
  const place = field.querySelector("[data-video-error]");
  place.hidden = false;
  place.querySelector("span").textContent = text;
}
