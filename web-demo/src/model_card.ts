// What a model's card says, read from its item.

import type { ModelClass } from '@fair-edge/web';

export interface Item {
  id: string;
  properties: Record<string, unknown> & { title?: string; version?: string; license?: string; 'mlm:name'?: string; 'mlm:tasks'?: string[] };
}

/** Named as people who know such models look for them. */
const METRICS: [key: string, name: string][] = [['fair:mean_iou', 'mean IoU'], ['fair:map50', 'mAP50'], ['fair:accuracy', 'accuracy']];

export function noteOf({ properties: p }: Item): string {
  const metrics = METRICS.flatMap(([key, name]) => (typeof p[key] === 'number' ? [`${name} ${((p[key] as number) * 100).toFixed(1)} %`] : []));
  return [p.version ? `version ${p.version}` : '', ...metrics, p.license ?? ''].filter(Boolean).join(' · ');
}

/** "27 buildings", "16 chips: 9 building, 7 no_building", "40 features: 31 water, 9 road": how many were found, in the words of the item's classes. */
export function countOf(item: Item | undefined, things: ModelClass[], found: string[]): [number: string, words: string] {
  const whole = item?.properties['mlm:tasks']?.includes('classification') ?? false;
  const plural = (noun: string): string => (found.length === 1 ? noun : `${noun}s`);
  const number = found.length.toLocaleString();
  if (!whole && things.length === 1) return [number, plural(things[0]!.name)];
  const of = new Map<string, number>();
  for (const name of found) of.set(name, (of.get(name) ?? 0) + 1);
  const each = [...of].sort((a, b) => b[1] - a[1]).map(([name, count]) => `${count.toLocaleString()} ${name}`).join(', ');
  return [number, plural(whole ? 'chip' : 'feature') + (each ? `: ${each}` : '')];
}

/** The classes that come out as features: of detectors and of classifiers all of them, elsewhere 0 is what is none of the others. */
export function thingsOf({ properties }: Item, classes: ModelClass[]): ModelClass[] {
  return properties['mlm:tasks']?.some((task) => task === 'object-detection' || task === 'classification') ? classes : classes.filter((c) => c.value !== 0);
}
