// Photos chosen on the reading screen: made small on the phone, shown at once, taken back one by one.

/// What the server keeps of a photo; more would only be sent and thrown away.
const LONGEST_SIDE = 2000;
const QUALITY = 0.82;
const SMALL_ENOUGH_BYTES = 300_000;

/// The photo, upright and small. One that this browser cannot open stays as it is: the server says what is wrong with it.
export const shrink = async (file) => {
  if (file.size <= SMALL_ENOUGH_BYTES) return file;
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const small = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
    return small && small.size < file.size ? new File([small], file.name, { type: small.type }) : file;
  } catch {
    return file;
  }
};

/// Shows the photos of each field beneath it; `remove` is told the one that is taken back.
export const showPhotos = (form, photos, remove) => {
  for (const shots of form.querySelectorAll("[data-shots]")) {
    const own = photos.filter(([name]) => name === shots.dataset.shots);
    shots.querySelectorAll("img").forEach((picture) => URL.revokeObjectURL(picture.src));
    shots.replaceChildren(
      ...own.map((photo, index) => {
        const shot = document.createElement("div");
        shot.className = "photo";
        const picture = document.createElement("img");
        picture.src = URL.createObjectURL(photo[1]);
        picture.alt = `${form.dataset.photo} ${index + 1}`;
        const button = document.createElement("button");
        button.type = "button";
        button.className = "shot-remove";
        button.setAttribute("aria-label", `${form.dataset.remove} ${index + 1}`);
        button.textContent = "×";
        button.addEventListener("click", () => remove(photo));
        shot.append(picture, button);
        return shot;
      }),
    );
  }
};
