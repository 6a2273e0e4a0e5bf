// Choose an image by dropping it, pasting it anywhere on the page, or with the file input. An image that cannot be used
// stays in its zone with the reason, and its form cannot be sent, until it is removed or replaced.
import { findAll, initialize, on, find } from "./dom.js";

const checked = new WeakMap(); // input → what was found in its files, for the event that follows
const choices = new WeakMap(); // input → its latest choice: an older one may still be being read

function setFiles(input, files) {
  const transfer = new DataTransfer();
  files.slice(0, input.multiple ? files.length : 1).forEach((file) => transfer.items.add(file));
  input.files = transfer.files;
}

function chooseFiles(input, files) {
  setFiles(input, files);
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Shows the chosen images in the zone, or the names of those that the browser cannot show. */
function preview(zone, images) {
  findAll(".drop-preview", zone).forEach((old) => {
    if (old.src) URL.revokeObjectURL(old.src);
    old.remove();
  });
  const shown = images.map(({ file, size }) => {
    const element = document.createElement(size ? "img" : "p");
    element.className = "drop-preview";
    if (size) return Object.assign(element, { alt: "", src: URL.createObjectURL(file) });
    element.textContent = file.name;
    return element;
  });
  find("input[type=file]", zone).after(...shown);
  zone.classList.toggle("has-preview", shown.length > 0);
}

/** Shows why the images cannot be used, and holds the form; "" ends both. */
function refuse(zone, text) {
  const input = find("input[type=file]", zone);
  let place = find("[data-refusal]", zone);
  if (!place && text) {
    place = Object.assign(document.createElement("p"), { className: "error", role: "alert" });
    place.dataset.refusal = "";
    place.append(document.createElement("span"));
    zone.append(place);
  }
  if (place) {
    place.hidden = !text;
    find("span", place).textContent = text;
  }
  input.setCustomValidity(text);
  input.setAttribute("aria-invalid", String(Boolean(text)));
  zone.classList.toggle("refused", Boolean(text));
  if (!text) findAll("[name=refused_pictures]", zone).forEach((field) => field.remove());
  zone.dispatchEvent(new CustomEvent("image:checked", { bubbles: true }));
}

// before other handlers: check the files, and offer to crop
document.addEventListener(
  "change",
  async (event) => {
    const input = event.target;
    const zone = input.closest?.("[data-drop]");
    if (!zone || input.type !== "file") return;
    const files = [...input.files];
    const found = checked.get(input);
    checked.delete(input);
    if (found || !files.length) {
      choices.delete(input);
      refuse(zone, "");
      preview(zone, found ?? []);
      return;
    }
    event.stopImmediatePropagation();
    const choice = Symbol("choice");
    choices.set(input, choice);
    const { images, refusal } = await check(files, input);
    if (choices.get(input) !== choice) return;
    if (refusal) {
      preview(zone, []);
      refuse(zone, refusal);
      return;
    }
    if (images.some(({ file }, n) => file !== files[n])) setFiles(input, images.map(({ file }) => file));
    if (zone.matches("[data-crop]")) {
      const crop = await askForCrop(images[0], input);
      if (crop === null) {
        clear(zone);
        return;
      }
      storeCrop(input, crop);
    }
    checked.set(input, images);
    input.dispatchEvent(new Event("change", { bubbles: true }));
  },
  true,
);

/** Resolves to images or a refusal (image-check.js). If the script cannot be loaded, the server alone checks. */
async function check(files, input) {
  const module = await import("./image-check.js").catch(() => null);
  const show = (file) => preview(input.closest("[data-drop]"), [{ file }]);
  return module ? module.checkImages(files, input, show) : { images: files.map((file) => ({ file, size: null })) };
}

/** Resolves to the part of the image to keep; "" for the whole image, null to choose another. */
async function askForCrop({ file, size }, input) {
  if (!size) return ""; // the browser cannot show it
  // loaded on demand; if that fails (a newer version, no network), the whole image is used
  const module = await import("./image-crop.js").catch(() => null);
  return module ? module.askForCrop(file, input.form) : "";
}

/** Clears the choice and tells the form, whose price may depend on it. */
function clear(zone) {
  const input = find("input[type=file]", zone);
  input.value = "";
  if (zone.matches("[data-crop]")) storeCrop(input, "");
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Stores the crop in hidden fields (crop_x …), which are empty for the whole image. */
function storeCrop(input, crop) {
  const shares = crop ? crop.split(",") : [];
  ["x", "y", "w", "h"].forEach((side, n) => {
    const name = `crop_${side}`;
    let field = find(`input[name=${name}]`, input.form ?? input.parentElement);
    if (!field) {
      field = document.createElement("input");
      Object.assign(field, { type: "hidden", name });
      input.after(field);
    }
    field.value = shares[n] ?? "";
  });
}

initialize("[data-drop]", (zone) => {
  const input = find("input[type=file]", zone);
  const refusal = find("[data-refusal]:not([hidden]) span", zone); // by the server
  if (refusal) input.setCustomValidity(refusal.textContent);
  input.form?.addEventListener("reset", () => preview(zone, []));
  const highlight = (isOver) => zone.classList.toggle("over", isOver);
  zone.addEventListener("dragenter", () => highlight(true));
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    highlight(true);
  });
  zone.addEventListener("dragleave", (event) => !zone.contains(event.relatedTarget) && highlight(false));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    highlight(false);
    const files = [...event.dataTransfer.files];
    if (files.length) chooseFiles(input, files);
  });
});

// an image dropped beside the zone must not replace the page
for (const type of ["dragover", "drop"]) {
  document.addEventListener(type, (event) => find("[data-drop]") && event.preventDefault());
}

document.addEventListener("paste", (event) => {
  const input = find("[data-drop] input[type=file]");
  const file = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith("image/"));
  if (!input || !file) return;
  event.preventDefault();
  chooseFiles(input, [file]);
});

on("click", "[data-drop] .remove[type=button]", (event, button) => {
  const zone = button.closest("[data-drop]");
  clear(zone);
  find("input[type=file]", zone).focus();
});
