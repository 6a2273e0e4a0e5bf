// Check images before they are uploaded, by the limits that the server puts on the file input. An image that is too large
// is made smaller if the browser can read it. One that the browser cannot show (HEIC) is converted by the server.
import { findAll } from "./dom.js";

const SHOWN = ["image/png", "image/jpeg", "image/webp", "image/gif"]; // every browser can show these
const REFUSED = [413, 415, 422]; // statuses of the server for an image that cannot be used
const KEPT_SIDE = 4096; // of an image that is made smaller, in pixels

/**
 * Resolves to `images`, each a file with its size (null if the browser cannot show it), or to the text of a refusal.
 * Calls `onConvert({ name })` before the server converts a file, with what to show meanwhile.
 */
export async function checkImages(files, input, onConvert) {
  const messages = JSON.parse(input.dataset.refusals);
  const images = [];
  for (const file of files) {
    const image = await checkImage(file, input, onConvert);
    if (image.refusal) return { refusal: `${file.name}: ${messages[image.refusal] ?? image.refusal}` };
    images.push(image);
  }
  if (totalOf(images, input) <= Number(input.dataset.maxBytes)) return { images };
  const smaller = await Promise.all(images.map(shrink));
  return totalOf(smaller, input) <= Number(input.dataset.maxBytes) ? { images: smaller } : { refusal: messages.together };
}

async function checkImage(original, input, onConvert) {
  if (!isAccepted(original, input.accept)) return { refusal: "not_a_picture" };
  if (!original.size) return { refusal: "empty" };
  const image = await readImage(original, input, onConvert);
  if (image.refusal) return image;
  const { file, size } = image;
  if (size && Math.min(size.width, size.height) < Number(input.dataset.shortestSide)) return { refusal: "too_small" };
  const refusal = explainLimit({ file, size }, input);
  if (!refusal) return { file, size };
  const smaller = await shrink({ file, size });
  return explainLimit(smaller, input) ? { refusal } : smaller;
}

/** Resolves to a file that the browser can show, with its size, or to a refusal; to a null size if nothing can show it. */
async function readImage(file, input, onConvert) {
  const size = await readSize(file);
  if (size) return { file, size };
  if (SHOWN.includes(file.type)) return { refusal: "damaged" };
  if (file.size > Number(input.dataset.maxBytes)) return { refusal: "too_many_bytes" };
  onConvert({ name: `${file.name} · ${input.dataset.reading}` });
  return convert(file, input);
}

/** Resolves to a copy that the server made; to the file itself if the server converts none for this person or now. */
async function convert(file, input) {
  const body = new FormData();
  body.append("file", file);
  body.append("csrfmiddlewaretoken", input.form?.elements.csrfmiddlewaretoken?.value ?? "");
  const isSignedIn = Boolean(document.body.dataset.user);
  const response = isSignedIn && (await fetch(input.dataset.convert, { method: "POST", body }).catch(() => null));
  if (response && REFUSED.includes(response.status)) return { refusal: await response.text() };
  if (!response || !response.ok || response.redirected) return { file, size: null };
  const blob = await response.blob();
  const name = `${file.name.replace(/\.[^.]*$/, "")}.${blob.type === "image/png" ? "png" : "jpg"}`;
  const copy = new File([blob], name, { type: blob.type });
  return { file: copy, size: await readSize(copy) };
}

function isAccepted(file, accept) {
  const name = file.name.toLowerCase();
  return accept.split(",").some((kind) => (kind.startsWith(".") ? name.endsWith(kind) : file.type === kind));
}

function explainLimit({ file, size }, input) {
  const pixels = JSON.parse(input.dataset.maxPixels);
  if (file.size > Number(input.dataset.maxBytes)) return "too_many_bytes";
  return size && size.width * size.height > (pixels[file.type] ?? pixels.other) ? "too_many_pixels" : "";
}

/** The bytes of all files that the form sends with these. */
function totalOf(images, input) {
  const others = input.form ? findAll("input[type=file]", input.form).filter((other) => other !== input) : [];
  const files = [...others.flatMap((other) => [...other.files]), ...images.map(({ file }) => file)];
  return files.reduce((sum, file) => sum + file.size, 0);
}

/** Resolves to the width and height of the upright image, or null if the browser cannot show it. */
async function readSize(file) {
  const picture = new Image();
  const address = URL.createObjectURL(file);
  try {
    await new Promise((resolve, reject) => {
      picture.addEventListener("load", resolve);
      picture.addEventListener("error", reject);
      picture.src = address;
    });
    return { width: picture.naturalWidth, height: picture.naturalHeight };
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** Resolves to a smaller copy of the image; to the image itself if the browser cannot make one. */
async function shrink({ file, size }) {
  if (!size) return { file, size };
  const scale = Math.min(1, KEPT_SIDE / Math.max(size.width, size.height));
  const [width, height] = [size.width, size.height].map((side) => Math.max(1, Math.round(side * scale)));
  const options = { resizeWidth: width, resizeHeight: height, resizeQuality: "high" };
  const bitmap = await createImageBitmap(file, options).catch(() => null);
  if (!bitmap) return { file, size };
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  bitmap.close();
  const blob = await new Promise((done) => canvas.toBlob(done, "image/webp", 0.92));
  if (!blob || blob.size >= file.size) return { file, size };
  return { file: new File([blob], file.name, { type: blob.type }), size: { width, height } };
}
