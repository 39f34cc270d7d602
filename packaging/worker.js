// A Worker in a hidden frame, since a browser starts no real one for a page that is a file: the search of the site runs in it.
window.IFrameWorker = window.Worker = class extends EventTarget {
  constructor(url) {
    super();
    this.onmessage = null;
    this.frame = document.createElement("iframe");
    this.frame.hidden = true;
    document.body.appendChild(this.frame);
    const inside = this.frame.contentWindow;
    window.addEventListener("message", (event) => {
      if (event.source !== inside) return;
      const message = new MessageEvent("message", { data: event.data });
      this.dispatchEvent(message);
      if (this.onmessage) this.onmessage(message);
    });
    this.ready = new Promise((loaded) => (inside.loaded = loaded));
    inside.document.open();
    inside.document.write(
      "<script>postMessage = (data) => parent.dispatchEvent(new MessageEvent('message', { data, source: window }));" +
        "importScripts = (...urls) => urls.reduce((before, url) => before.then(() => new Promise((done, failed) => {" +
        "const script = document.createElement('script'); script.src = url; script.onload = done; script.onerror = failed;" +
        "document.body.appendChild(script); })), Promise.resolve());<\/script>" +
        `<body><script src="${url}" onload="loaded()"><\/script></body>`,
    );
    inside.document.close();
  }
  postMessage(data) {
    this.ready.then(() => this.frame.contentWindow.dispatchEvent(new MessageEvent("message", { data })));
  }
  terminate() {
    this.frame.remove();
  }
};
