// The matrix as a PNG: the browser draws the SVG, in its own fonts, at three times its size. Without this script: no button.

const button = document.getElementById("png");
button.hidden = false;
button.addEventListener("click", async () => {
  button.disabled = true;
  try {
    const reply = await fetch(button.dataset.svg);
    if (!reply.ok) throw new Error(`${reply.status} at ${button.dataset.svg}`);
    const picture = new Image();
    picture.src = URL.createObjectURL(new Blob([await reply.text()], { type: "image/svg+xml" }));
    await picture.decode();
    const canvas = document.createElement("canvas");
    canvas.width = picture.naturalWidth * 3;
    canvas.height = picture.naturalHeight * 3;
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(picture.src);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = "exo-onto-matrix.png";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  } finally {
    button.disabled = false;
  }
});
