// The webcam: its picture on the page, the choice among several, and small JPEGs of what it shows.
const KEPT = "espalier-camera"; // in the browser's storage of this tab, so that the next place opens the same camera
const video = document.querySelector("video"), list = document.querySelector("select");

export async function open(deviceId = sessionStorage.getItem(KEPT)) {
  const wanted = deviceId ? { deviceId: { ideal: deviceId } } : { facingMode: "environment" };
  close();
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: wanted });
  await showChoice();
}

function close() {
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
}

async function showChoice() {
  const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
  const used = video.srcObject.getVideoTracks()[0]?.getSettings().deviceId;
  list.hidden = cameras.length < 2;
  list.replaceChildren(...cameras.map(({ label, deviceId }, i) =>
    new Option(label || `Camera ${i + 1}`, deviceId, false, deviceId === used)));
}

export function whenChosen(say) {
  list.addEventListener("change", () => {
    sessionStorage.setItem(KEPT, list.value);
    open(list.value).catch(say);
  });
}

export function isOpen() {
  return video.videoWidth > 0;
}

export function whenOpen(tell) {
  video.addEventListener("resize", tell);
}

// What the camera shows now as a JPEG in base64, its longer side at most so many pixels.
export function picture(side) {
  const scale = Math.min(1, side / Math.max(video.videoWidth, video.videoHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", 0.9).split(",")[1];
}

export function inWords(error) {
  return error.name === "NotAllowedError"
    ? "The browser was not allowed to use the webcam. Allow it beside the address, then open this again."
    : "No webcam can be used. Is one connected, and not in use by another program?";
}
