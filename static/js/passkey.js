// Passkeys: shows what this browser can do, and says in words what went wrong. allauth's own script does the rest.
const trouble = () => document.querySelector("[data-passkey-trouble]");

function say(reason) {
  const note = trouble();
  if (!note) return;
  note.querySelector("span").textContent = note.dataset[reason];
  note.hidden = false;
}

function reasonOf(problem) {
  const reasons = { NotAllowedError: "refused", AbortError: "refused", InvalidStateError: "known", SecurityError: "unsupported" };
  return reasons[problem?.name] ?? "unreachable";
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  say(reasonOf(event.detail.exception));
});

document.addEventListener("DOMContentLoaded", () => {
  if (window.PublicKeyCredential) {
    document.querySelectorAll("[data-passkey]").forEach((part) => (part.hidden = false));
  } else {
    say("unsupported");
  }
});
