import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness';
import { encodeAwareness } from '../../server/sync/client-message.ts';
import type { LabAction } from './lab-actions.ts';
import { LabScript } from './lab-actions.ts';
import { LabPeer } from './lab-peer.ts';
import { SyncLab } from './sync-lab.ts';

const SCRIPT: readonly LabAction[] = [
  ...(['draw', 'press', 'deliver', 'draw', 'erase', 'deliver', 'turn'] as const).flatMap(
    (kind): LabAction[] => [
      [kind, 0, 3],
      [kind, 1, 4],
    ],
  ),
  ...[['merge', 1, 1] as const, ['undo', 0, 0] as const],
];

/** Every message of a session of three people, both ways: sync, presence, live ink, seals, acks. */
export async function recordSession(): Promise<Uint8Array[]> {
  const peers = [true, true, false].map(
    (wantsExtras, i) => new LabPeer({ name: `p${i}`, wantsExtras, firstClientId: 10 * i + 10 }),
  );
  const lab = new SyncLab(peers, 1);
  const recorded: Uint8Array[] = [];
  for (const peer of peers) {
    await lab.come(peer);
    const awareness = new Awareness(peer.doc);
    awareness.setLocalState({ nickname: peer.name, cursor: { x: 1, y: 2 } });
    const everybody = encodeAwarenessUpdate(awareness, [peer.doc.clientID]);
    peer.line?.toHub.push(encodeAwareness(everybody));
    awareness.destroy();
  }
  lab.onDelivered = (message) => recorded.push(message);
  await new LabScript(lab, false).run(SCRIPT);
  await lab.rest();
  for (const peer of peers) peer.undo.destroy();
  return recorded;
}

/** How a message is damaged, and where. */
export type Damage = readonly [kind: number, at: number, what: number];

/** One of the messages with damages in it, always the same for the same numbers. */
export function mutate(
  messages: readonly Uint8Array[],
  which: number,
  damages: readonly Damage[],
): Uint8Array {
  const original = messages[which % messages.length] ?? new Uint8Array();
  return damages.reduce((bytes, [kind, at, what]) => {
    const place = at % (bytes.length + 1);
    const [head, tail] = [bytes.subarray(0, place), bytes.subarray(place)];
    switch (kind) {
      case 0:
        return bytes.map((byte, i) => (i === place ? byte ^ (1 << (what % 8)) : byte));
      case 1:
        return head;
      case 2:
        return join(head, messages[what % messages.length]?.subarray(what % 7) ?? tail);
      case 3:
        // A length, perhaps, that lies.
        return join(head, Uint8Array.of(255, 255, 255, 255, what % 128), tail.subarray(1));
      case 4:
        // A number that goes on beyond what a number can hold.
        return join(head, new Uint8Array(12).fill(255), tail);
      default:
        return join(head, ...Array<Uint8Array>(what % 9).fill(tail.subarray(0, 40)));
    }
  }, original);
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
