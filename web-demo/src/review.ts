// Accepting and rejecting, with a way back.

export type Verdict = 'accepted' | 'rejected';

export class Review {
  private readonly verdicts = new Map<string, Verdict>();
  private readonly done: { id: string; before: Verdict | undefined }[] = [];

  of(id: string): Verdict | undefined {
    return this.verdicts.get(id);
  }
  set(id: string, verdict: Verdict): void {
    this.done.push({ id, before: this.verdicts.get(id) });
    this.verdicts.set(id, verdict);
  }
  /** The feature whose verdict was taken back, or null. */
  undo(): string | null {
    const last = this.done.pop();
    if (!last) return null;
    if (last.before) this.verdicts.set(last.id, last.before);
    else this.verdicts.delete(last.id);
    return last.id;
  }
  clear(): void {
    this.verdicts.clear();
    this.done.length = 0;
  }
  count(verdict: Verdict): number {
    let n = 0;
    for (const v of this.verdicts.values()) if (v === verdict) ++n;
    return n;
  }
}
