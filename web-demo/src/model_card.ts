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

/** The classes that come out as features: a detector's are all of them, elsewhere 0 is what is none of the others. */
export function thingsOf({ properties }: Item, classes: ModelClass[]): ModelClass[] {
  return properties['mlm:tasks']?.includes('object-detection') ? classes : classes.filter((c) => c.value !== 0);
}
