// What a prediction says of itself, while it runs and afterwards.
import type { Progress, Report } from '@fair-edge/web';
import { $ } from './page.ts';

const seconds = (s: number): string => (s < 90 ? `${Math.ceil(s)} s` : `${Math.ceil(s / 60)} min`);
export function tellProgress(p: Progress): void {
  const bar = document.querySelector('#progress progress') as HTMLProgressElement;
  const total = p.phase === 'model' ? p.modelTotal : p.windowsTotal;
  const done = p.phase === 'model' ? p.modelBytes : p.windowsDone;
  if (total > 0) bar.value = done / total;
  else bar.removeAttribute('value');
  const mb = (p.bytes / 1e6).toFixed(1);
  $('progress-text').textContent =
    p.phase === 'model' ? (total ? `Fetching the model: ${(done / 1e6).toFixed(1)} of ${(total / 1e6).toFixed(1)} MB` : 'Fetching the model')
    : p.phase === 'imagery' ? 'Making the model ready'
    : `${p.tilesDone} of ${p.tilesTotal} tiles, ${mb} MB, ${p.features} found${p.eta === null ? '' : `, ${seconds(p.eta)} left`}`;
}

export function tellReport(r: Report): void {
  const rows: [string, string][] = [
    ['Model', `${r.model.title || r.model.id}, ${(r.model.bytes / 1e6).toFixed(1)} MB${r.model.fromCache ? ', from the cache' : ''}`],
    ['Plugin', r.plugin],
    ['Ran on', r.provider === 'wasm' ? `the processor, ${r.threads} thread${r.threads === 1 ? '' : 's'}` : `${r.adapter} by ${r.provider}`],
    ['Time', `${r.seconds.toFixed(1)} s, of which the model ${(r.runMs / 1000).toFixed(1)} s`],
    ['Tiles', `${r.tiles}${r.tilesMissing ? `, ${r.tilesMissing} not there` : ''}, ${(r.bytes / 1e6).toFixed(1)} MB`],
    ['Windows', `${r.windowsRun} run of ${r.windows}, ${r.batchSize} at once`],
    ...r.fallbacks.map((f): [string, string] => ['Note', f]),
    ...r.warnings.map((f): [string, string] => ['Warning', f]),
    ...r.attribution.map((f): [string, string] => ['Imagery', f]),
  ];
  $('report').replaceChildren(...rows.flatMap(([name, text]) => [Object.assign(document.createElement('dt'), { textContent: name }), Object.assign(document.createElement('dd'), { textContent: text })]));
}
