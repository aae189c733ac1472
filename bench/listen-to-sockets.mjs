// Runs in a page before its own scripts: notes what its sockets hear and say, and when the next
// picture after that is drawn. `page-probe.ts` reads it.
{
  const LIVE_INK = 101;
  const heard = [];
  globalThis.heardArrivals = heard;
  const clock = () => performance.timeOrigin + performance.now();

  /** `strokeId:sequence` of a live frame, as shared/sync-protocol.ts packs it. */
  const readLiveInk = (bytes) => {
    let at = 1;
    const number = () => {
      let [value, factor] = [0, 1];
      for (;;) {
        const byte = bytes[at++];
        value += (byte & 127) * factor;
        factor *= 128;
        if (byte < 128) return value;
      }
    };
    const text = () => {
      const length = number();
      at += length;
      return new TextDecoder().decode(bytes.subarray(at - length, at));
    };
    const strokeId = text();
    text();
    return `${strokeId}:${number()}`;
  };

  const note = (key, event) => {
    const arrival = { key, event, at: clock(), paintedAt: 0 };
    heard.push(arrival);
    requestAnimationFrame(() => (arrival.paintedAt = clock()));
  };

  const hear = (data) => {
    if (data instanceof ArrayBuffer) {
      const bytes = new Uint8Array(data);
      if (bytes[0] === LIVE_INK) note(readLiveInk(bytes));
    } else if (typeof data === 'string' && data.startsWith('42[')) {
      const [name, event] = JSON.parse(data.slice(2));
      note(name, event);
    }
  };

  const Native = globalThis.WebSocket;
  globalThis.WebSocket = class extends Native {
    constructor(url, protocols) {
      super(url, protocols);
      this.addEventListener('message', ({ data }) => hear(data));
    }

    send(data) {
      if (data instanceof Uint8Array && data[0] === LIVE_INK) note(`sent ${readLiveInk(data)}`);
      super.send(data);
    }
  };
}
