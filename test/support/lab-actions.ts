import {
  addStroke,
  cutStroke,
  mergeSketch,
  readSketch,
  readStrokes,
} from '../../shared/canvas-doc.ts';
import { encodeLiveFrame } from '../../shared/sync-protocol.ts';
import { buildInk } from './build-ink.ts';
import { buildFrame } from './hub-guests.ts';
import type { LabPeer } from './lab-peer.ts';
import type { SyncLab } from './sync-lab.ts';

/** Everything that one thing that happens in a lab needs to know. */
interface Scene {
  readonly lab: SyncLab;
  readonly peer: LabPeer;
  /** To which of the things that it can be done to. */
  readonly pick: number;
  /** A number that no other scene has. */
  readonly count: number;
  readonly reorders: boolean;
  /** Strokes that were drawn and have not been taken back by undo. */
  readonly drawn: Set<string>;
  /** Strokes of which there was live ink: the hub may have finished them. */
  readonly pressed: Set<string>;
}

type Act = (scene: Scene) => void | Promise<void>;

const PAUSES_MS = [5, 16, 60, 2_500, 5_500, 31_000];

const ACTS = {
  draw,
  erase,
  merge,
  split,
  press,
  undo: (scene) => step('undo', scene),
  redo: (scene) => step('redo', scene),
  deliver: ({ lab, peer, pick, reorders }) => {
    for (let i = 0; i <= pick % 4; i++)
      lab.deliver(peer, { at: reorders ? pick >> i : 0, twice: pick % 5 === 0 });
  },
  turn: ({ lab }) => lab.settle(),
  wait: ({ lab, pick }) => lab.clock.advance(at(PAUSES_MS, pick) ?? 0),
  leave: ({ lab, peer }) => lab.leave(peer),
  come: ({ lab, peer }) => lab.come(peer),
  reload: ({ lab, peer }) => {
    lab.leave(peer);
    peer.reload();
  },
  stall: ({ peer }) => {
    if (peer.line) peer.line.isStalled = true;
  },
  'read on': ({ peer }) => peer.line?.readOn(),
  'database away': ({ lab }) => {
    lab.log.failure = new Error('The database is away');
  },
  'database back': ({ lab }) => {
    lab.log.failure = null;
  },
} satisfies Record<string, Act>;

export type LabActionKind = keyof typeof ACTS;

/** How often each thing happens, one among the others. */
export const LAB_ACTIONS: Readonly<Record<LabActionKind, number>> = {
  ...{ draw: 8, erase: 3, undo: 3, redo: 2, merge: 2, split: 2, press: 2 },
  ...{ deliver: 14, turn: 6, wait: 4, leave: 2, come: 5, reload: 1 },
  ...{ stall: 1, 'read on': 1, 'database away': 1, 'database back': 2 },
};

/** `peer` does it; `pick` says to which of the things that it can be done to. */
export type LabAction = readonly [kind: LabActionKind, peer: number, pick: number];

/** Carries out what happens in a lab, and remembers what must be there in the end. */
export class LabScript {
  readonly drawn = new Set<string>();
  readonly pressed = new Set<string>();
  readonly #lab: SyncLab;
  readonly #reorders: boolean;
  #count = 0;

  /** `reorders`: whether the network delivers messages in another order than they were sent. */
  constructor(lab: SyncLab, reorders: boolean) {
    this.#lab = lab;
    this.#reorders = reorders;
  }

  async run(actions: readonly LabAction[]): Promise<void> {
    for (const [kind, index, pick] of actions) {
      const peer = at(this.#lab.peers, index);
      if (!peer) throw new Error('A lab without peers');
      this.#count += 1;
      // Every gesture is one step to undo, as in the page's ink editor.
      peer.undo.stopCapturing();
      const { drawn, pressed } = this;
      const act: Act = ACTS[kind];
      await act({
        ...{ lab: this.#lab, peer, pick, drawn, pressed },
        ...{ count: this.#count, reorders: this.#reorders },
      });
    }
  }
}

/** A stroke in a sketch of its own or in one that is there; sometimes one that was live before. */
function draw({ peer, pick, count, drawn, pressed }: Scene): void {
  const { canvas, origin, name } = peer;
  const live = [...pressed].find((id) => id.startsWith(name) && !canvas.ink.has(id));
  const id = (pick % 2 === 0 ? live : undefined) ?? `${name}-${count}`;
  const known = pick % 3 === 0 ? undefined : at([...canvas.sketches.keys()].sort(), pick);
  const ink = buildInk(name, { x: pick, y: count });
  addStroke(canvas, { id, sketchId: known ?? `of-${id}`, ink }, origin);
  drawn.add(id);
}

function erase({ peer: { canvas, origin, name }, pick, count }: Scene): void {
  const stroke = at(readStrokes(canvas), pick);
  if (stroke) cutStroke(canvas, { strokeId: stroke.id, eraseId: `${name}-${count}` }, origin);
}

function merge({ peer: { canvas, origin }, pick }: Scene): void {
  const ids = [...canvas.sketches.keys()].sort();
  const [sketchId, into] = [at(ids, pick), at(ids, pick >> 4)];
  if (sketchId && into) mergeSketch(canvas, { sketchId, into }, origin);
}

/** Takes a sketch out of the one that it was merged into, or a stroke out of its sketch. */
function split(scene: Scene): void {
  const { canvas, origin } = scene.peer;
  const merged = [...canvas.sketches.keys()].filter((id) => readSketch(canvas, id)?.mergedInto);
  const sketchId = at(merged.sort(), scene.pick);
  const value = sketchId === undefined ? null : readSketch(canvas, sketchId);
  if (sketchId === undefined || !value) return splitOff(scene);
  const { authorId, createdAt, state, categoryId } = value;
  const alone = { authorId, createdAt, state, categoryId };
  canvas.doc.transact(() => canvas.sketches.set(sketchId, alone), origin);
}

function splitOff({ peer: { canvas, origin, name }, pick }: Scene): void {
  const stroke = at(readStrokes(canvas), pick);
  if (!stroke) return;
  const id = `split-${name}-${stroke.id}`;
  canvas.doc.transact(() => {
    canvas.sketchOf.set(stroke.id, id);
    canvas.sketches.set(id, { authorId: name, createdAt: 1, state: 'open', categoryId: null });
  }, origin);
}

/** Begins a stroke; whether it is ever finished by its author is another matter. */
function press({ peer, count, pressed }: Scene): void {
  if (!peer.line?.isOpen) return;
  const strokeId = `${peer.name}-${count}`;
  pressed.add(strokeId);
  const frame = buildFrame([0, 10, count], { strokeId, sketchId: `of-${strokeId}` });
  peer.line.toHub.push(encodeLiveFrame(frame));
}

/** Undo and redo; throws when that changes anything that somebody else has written. */
function step(kind: 'undo' | 'redo', { peer, drawn }: Scene): void {
  const before = visibleEntries(peer);
  const ink = new Set(peer.canvas.ink.keys());
  peer.undo[kind]();
  const after = visibleEntries(peer);
  for (const [key, { clientId, value }] of before)
    if (after.get(key)?.value !== value && !peer.clientIds.has(clientId))
      throw new Error(`${kind} of ${peer.name} changed ${key}, which is not his`);
  for (const id of ink) if (!peer.canvas.ink.has(id)) drawn.delete(id);
  for (const id of peer.canvas.ink.keys()) if (!ink.has(id)) drawn.add(id);
}

interface VisibleEntry {
  /** Who wrote it, as Yjs names him. */
  readonly clientId: number;
  readonly value: unknown;
}

function visibleEntries({ canvas }: LabPeer): Map<string, VisibleEntry> {
  const { ink, sketchOf, sketches, cuts } = canvas;
  const entries = new Map<string, VisibleEntry>();
  for (const [name, map] of Object.entries({ ink, sketchOf, sketches, cuts })) {
    for (const [key, { deleted, id, content }] of map._map) {
      if (deleted) continue;
      const value: unknown = content.getContent().at(-1);
      entries.set(`${name} ${key}`, { clientId: id.client, value });
    }
  }
  return entries;
}

function at<T>(values: readonly T[], pick: number): T | undefined {
  return values[pick % Math.max(1, values.length)];
}
