import { rootFinder } from '../../shared/canvas-doc.ts';

/** Which sketches have become part of others. What it was asked is remembered until that changes. */
export class MergedSketches {
  readonly #mergedInto = new Map<string, string>();
  readonly #partsOf = new Map<string, Set<string>>();
  #findRoot = this.#rootFinder();

  get isEmpty(): boolean {
    return this.#mergedInto.size === 0;
  }

  /** The sketch that `sketchId` has become. */
  rootOf(sketchId: string): string {
    // Most are part of nothing, and need not be remembered.
    return this.#mergedInto.has(sketchId) ? this.#findRoot(sketchId) : sketchId;
  }

  /** The sketches that one consists of, itself included; none where it is part of another one. */
  membersOf(sketchId: string): string[] {
    if (this.rootOf(sketchId) !== sketchId) return [];
    const members = new Set([sketchId]);
    // Goes on through those that are added meanwhile.
    for (const id of members) for (const part of this.#partsOf.get(id) ?? []) members.add(part);
    return [...members];
  }

  /**
   * Takes in what some sketches are merged into now, and answers with those that consist of others
   * than before. A sketch comes to another one only by way of a changed merge, so that looking at
   * where these lead is enough.
   */
  change(merges: ReadonlyMap<string, string | undefined>): Set<string> {
    const changed = [...merges].filter(([id, into]) => this.#mergedInto.get(id) !== into);
    if (changed.length === 0) return new Set();
    const before = changed.map(([id]) => ({ id, root: this.rootOf(id) }));
    for (const [id, into] of changed) this.#merge(id, into);
    this.#findRoot = this.#rootFinder();
    const moved = before.filter(({ id, root }) => this.rootOf(id) !== root);
    return new Set(moved.flatMap(({ id, root }) => [root, this.rootOf(id)]));
  }

  #merge(sketchId: string, into: string | undefined): void {
    const before = this.#mergedInto.get(sketchId);
    if (before !== undefined) this.#forgetPart(before, sketchId);
    if (into === undefined) {
      this.#mergedInto.delete(sketchId);
      return;
    }
    this.#mergedInto.set(sketchId, into);
    this.#partsOf.set(into, (this.#partsOf.get(into) ?? new Set()).add(sketchId));
  }

  #forgetPart(sketchId: string, part: string): void {
    const parts = this.#partsOf.get(sketchId);
    parts?.delete(part);
    if (parts?.size === 0) this.#partsOf.delete(sketchId);
  }

  #rootFinder(): (sketchId: string) => string {
    return rootFinder((id) => this.#mergedInto.get(id));
  }
}
