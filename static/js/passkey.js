// Passkeys: show the buttons once they work, if the browser supports them, and report errors. The scripts of allauth,
// which run before this one, do the rest.
const findNote = () => document.querySelector("[data-passkey-error]");

function showError(reason) {
  const note = findNote();
  if (!note) return;
  note.querySelector("span").textContent = note.dataset[reason];
  note.hidden = false;
}

function reasonOf(error) {
  const reasons = { NotAllowedError: "refused", AbortError: "refused", InvalidStateError: "known", SecurityError: "unsupported" };
  return reasons[error?.name] ?? "unreachable";
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  showError(reasonOf(event.detail.exception));
});

document.addEventListener("DOMContentLoaded", () => {
  if (window.PublicKeyCredential) {
    document.querySelectorAll("[data-passkey]").forEach((part) => (part.hidden = false));
  } else {
    showError("unsupported");
  }
});
