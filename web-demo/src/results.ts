// What was found: drawn, filtered by confidence without running again, judged one by one, compared, taken along.

import type { BBox, Feature } from '@fair-edge/web';
import { compare } from './compare.ts';
import { exportAs } from './export_file.ts';
import { boxOf, type MapView, type View } from './map_view.ts';
import { countOf, type Item } from './model_card.ts';
import type { Card } from './models_list.ts';
import { $ } from './page.ts';
import { Review, type Verdict } from './review.ts';

/** What the page knows besides. */
export interface Surroundings {
  card(): Card | null;
  zoom(): number;
  /** The area asked for; null where it is that of what was found. */
  area(): BBox | null;
  say(message: string): void;
}

export class Results {
  private features: Feature[] = [];
  private selected = -1;
  private threshold = 0;
  private readonly review = new Review();

  constructor(
    private readonly view: MapView,
    private readonly page: Surroundings,
  ) {}

  get count(): number {
    return this.features.length;
  }

  clear(): void {
    this.features = [];
    this.selected = -1;
    this.review.clear();
  }

  add(some: Feature[]): void {
    this.features.push(...some);
    this.show();
  }

  show(): void {
    $('results').hidden = false;
    this.view.show(this.features, (id) => this.review.of(id), this.page.zoom());
    this.tellCounts();
  }

  listen(): void {
    const on = (id: string, event: string, body: () => void): void => $(id).addEventListener(event, body);
    for (const radio of document.querySelectorAll<HTMLInputElement>('input[name=view]')) radio.addEventListener('change', () => this.view.setView(radio.value as View));
    on('confidence', 'input', () => {
      this.threshold = Number($<HTMLInputElement>('confidence').value) / 100;
      $('confidence-value').textContent = `${Math.round(this.threshold * 100)} %`;
      this.view.setThreshold(this.threshold);
      this.tellCounts();
    });
    on('accept', 'click', () => this.judge('accepted'));
    on('reject', 'click', () => this.judge('rejected'));
    on('next', 'click', () => this.step(1, false));
    on('previous', 'click', () => this.step(-1, false));
    on('undo', 'click', () => this.undo());
    $('exports').addEventListener('click', (e) => {
      const format = (e.target as HTMLElement).dataset['format'];
      if (format) this.export(format);
    });
    on('labels', 'change', () => {
      const file = $<HTMLInputElement>('labels').files?.[0];
      if (file) this.compareWith(file).catch((e: Error) => this.page.say(`${file.name}: ${e.message}`));
    });
    window.addEventListener('keydown', (e) => this.key(e));
    this.view.onPick = (id) => this.select(this.features.findIndex((f) => f.id === id), false);
  }

  private shown(): Feature[] {
    return this.features.filter((f) => (f.properties.confidence ?? 1) >= this.threshold);
  }

  private tellCounts(): void {
    const shown = this.shown();
    const visible = shown.length;
    const card = this.page.card();
    const [number, words] = countOf(card?.item as Item | undefined, card?.things ?? [], shown.map((f) => f.properties.class));
    const big = document.createElement('b');
    big.textContent = number;
    $('counts').replaceChildren(
      big, ` ${words}`, this.count > visible ? ` of ${this.count.toLocaleString()}` : '',
      ` · ${this.review.count('accepted')} accepted, ${this.review.count('rejected')} rejected`,
    );
  }

  private select(index: number, fly = true): void {
    const feature = this.features[index] ?? null;
    this.selected = feature ? index : -1;
    this.view.select(feature, fly);
    if (!feature) {
      $('selected').textContent = '';
      return;
    }
    const p = feature.properties;
    const verdict = this.review.of(feature.id);
    $('selected').textContent = `${p.class}, confidence ${Math.round((p.confidence ?? 1) * 100)} %, ${(p.area_m2 ?? 0).toFixed(0)} m²${verdict ? `, ${verdict}` : ''}`;
  }

  /** The next (or former) shown feature, unreviewed ones only where `fresh`. */
  private step(by: 1 | -1, fresh: boolean): void {
    const n = this.count;
    for (let k = 1; k <= n; ++k) {
      const i = (this.selected + by * k + n * 2) % n;
      const f = this.features[i]!;
      if ((f.properties.confidence ?? 1) >= this.threshold && !(fresh && this.review.of(f.id))) {
        this.select(i);
        return;
      }
    }
    if (fresh) $('selected').textContent = 'All that is shown has been looked at.';
  }

  private judge(verdict: Verdict): void {
    const feature = this.features[this.selected];
    if (feature) {
      this.review.set(feature.id, verdict);
      this.show();
    }
    this.step(1, true);
  }

  private undo(): void {
    const id = this.review.undo();
    if (id === null) return;
    this.show();
    this.select(this.features.findIndex((f) => f.id === id));
  }

  private key(e: KeyboardEvent): void {
    const target = e.target as HTMLElement;
    if (this.count === 0 || e.ctrlKey || e.metaKey || e.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName)) return;
    const key = e.key.toLowerCase();
    const inMap = target.closest('#map') !== null;
    if (key === 'a') this.judge('accepted');
    else if (key === 'r') this.judge('rejected');
    else if (key === 'z') this.undo();
    else if (key === 'arrowright' && !inMap) this.step(1, false);
    else if (key === 'arrowleft' && !inMap) this.step(-1, false);
    else return;
    e.preventDefault();
  }

  private export(format: string): void {
    const only = $<HTMLInputElement>('only-accepted').checked;
    const some = this.shown().filter((f) => (only ? this.review.of(f.id) === 'accepted' : this.review.of(f.id) !== 'rejected'));
    $('selected').textContent = 'Writing…';
    exportAs(format, some, this.page.card()?.id ?? 'features').then((text) => ($('selected').textContent = text), (error: Error) => this.page.say(error.message));
  }

  private async compareWith(file: File): Promise<void> {
    const labels = (JSON.parse(await file.text()) as { features: Feature[] }).features;
    const frame = this.page.area() ?? boxOf({ geometry: { type: 'MultiPolygon', coordinates: this.features.map((f) => f.geometry.coordinates) } } as unknown as Feature);
    const c = compare(this.shown().filter((f) => this.review.of(f.id) !== 'rejected'), labels, frame);
    const p = (v: number): string => `${(v * 100).toFixed(1)} %`;
    $('comparison').textContent = `IoU ${p(c.iou)}; at IoU 0.5: precision ${p(c.precision)}, recall ${p(c.recall)}, F1 ${p(c.f1)} (${c.found} of ${c.truth} labels found)`;
  }
}
