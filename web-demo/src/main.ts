import './style.css';
import { AbortError, createPredictor, type BBox, type Feature, type MultiPolygon, type Polygon, type PredictRequest, type Predictor } from '@fair-edge/web';
import { areaOf } from './area_file.ts';
import { onFileDrop } from './file_drop.ts';
import { gridAround, tilesOf } from './grid.ts';
import { knownImagery, rememberImagery } from './imagery_history.ts';
import { boxOf, MapView } from './map_view.ts';
import { cardsOf, showCards, type Card } from './models_list.ts';
import { $ } from './page.ts';
import { pluginsOf } from './page_plugins.ts';
import { ParamsForm } from './params_form.ts';
import { Results } from './results.ts';
import { tellProgress, tellReport } from './run_report.ts';
import { startTheme } from './theme.ts';

const query = new URLSearchParams(location.search);

/** Everything the page knows. */
const state = {
  predictor: null as Predictor | null,
  cards: [] as Card[],
  card: null as Card | null,
  imageUri: null as string | null,
  /** A file instead of tiles; it is predicted whole, or where an area is drawn or given. */
  raster: null as File | null,
  drawn: null as BBox | null,
  geometry: null as Polygon | MultiPolygon | null,
  running: null as AbortController | null,
  runningBox: null as BBox | null,
};
const view = openMap();
const params = new ParamsForm($<HTMLFormElement>('params'));
const results = new Results(view, { card: () => state.card, zoom: () => zoom(), area: () => area(), say });

const zoom = (): number => Number($<HTMLSelectElement>('zoom').value);
const tileSize = (): 256 | 512 => Number($<HTMLSelectElement>('tile-size').value) as 256 | 512;
const areaKind = (): string => (document.querySelector('input[name=area]:checked') as HTMLInputElement).value;

function say(message: string): void {
  $('message').textContent = message;
}

function openMap(): MapView {
  try {
    return new MapView($('map'));
  } catch (e) {
    say('The map needs WebGL 2, which this browser does not give. Allow hardware acceleration in its settings, or open the page in another browser.');
    throw e;
  }
}

/** The area asked for; null while there is none. A file's is its own, unless one is drawn or given. */
function area(): BBox | null {
  if (state.raster && (areaKind() === 'grid' || areaKind() === 'view')) return null;
  switch (areaKind()) {
    case 'grid': return gridAround(view.map.getCenter(), zoom(), Math.max(1, Math.min(64, Number($<HTMLInputElement>('grid').value) || 1)));
    case 'view': {
      const b = view.map.getBounds();
      return [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()];
    }
    case 'draw': return state.drawn;
    default: return state.geometry ? boxOf({ geometry: state.geometry } as Feature) : null;
  }
}

function refresh(): void {
  const kind = areaKind();
  $('grid-row').hidden = kind !== 'grid';
  $('area-file').hidden = kind !== 'file';
  document.body.classList.toggle('drawing', kind === 'draw' && !state.running);
  const box = area();
  if (!box && state.raster) $('area-note').textContent = `All of ${state.raster.name}; draw an area for a part of it.`;
  else if (!box) $('area-note').textContent = kind === 'draw' ? 'Drag on the map with Shift held.' : 'Choose a GeoJSON file with polygons.';
  else {
    const { columns, rows } = tilesOf(box, zoom());
    const count = columns * rows;
    $('area-note').textContent = `${columns} × ${rows} tiles${count > 10_000 ? ': more than 10,000, take a smaller area or a lower zoom' : ''}`;
  }
  void view.ready.then(() => view.showArea(state.running ? state.runningBox : box, kind === 'file' ? (state.geometry as GeoJSON.Geometry | null) : null));
  const able = state.predictor && state.card && (state.raster || (state.imageUri && box));
  const run = $<HTMLButtonElement>('run');
  run.disabled = !state.running && !able;
  run.textContent = state.running ? 'Cancel' : 'Predict';
  run.classList.toggle('stop', state.running !== null);
}

async function choose(card: Card): Promise<void> {
  state.card = card;
  view.setClasses(card.classes);
  if (card.item && state.predictor) params.show(await state.predictor.listParams(card.item));
  else params.show([]);
  $('params-card').hidden = !card.item;
  refresh();
}

async function openModels(url: string): Promise<void> {
  if (!state.predictor) return;
  try {
    say('');
    state.cards = [...state.cards.filter((c) => c.modelUrl), ...(await cardsOf(state.predictor, url))];
    localStorage.setItem('catalog', url);
    const wanted = query.get('model');
    const card = state.cards.find((c) => wanted && (c.id === wanted || c.id.startsWith(`${wanted}-v`))) ?? state.cards[0] ?? null;
    showCards($('models'), state.cards, card?.id ?? null, (c) => void choose(c));
    if (card) await choose(card);
  } catch (e) {
    showCards($('models'), state.cards, state.card?.id ?? null, (c) => void choose(c));
    if (url !== defaultCatalog) say((e as Error).message);
  }
}
const defaultCatalog = new URL('catalog/catalog.json', document.baseURI).href;

function useModelFile(file: File): void {
  const card: Card = { id: file.name, title: file.name, note: `${(file.size / 1e6).toFixed(1)} MB, opened here`, classes: [], things: [], modelUrl: URL.createObjectURL(file) };
  state.cards = [card, ...state.cards.filter((c) => c.id !== card.id)];
  showCards($('models'), state.cards, card.id, (c) => void choose(c));
  void choose(card);
}

async function useImagery(uri: string): Promise<void> {
  state.imageUri = uri || null;
  state.raster = null;
  await view.ready;
  view.showImagery(uri ? pageTemplate(uri) : null, tileSize(), zoom());
  $('imagery-note').textContent = uri ? '' : 'None yet: the map stays plain.';
  if (uri) {
    rememberImagery(uri);
    offerImagery();
  }
  refresh();
}
const offerImagery = (): void => $('imagery-known').replaceChildren(...knownImagery().map((u) => new Option(u)));
const pageTemplate = (uri: string): string => (/^https?:/i.test(uri) ? uri : new URL('.', document.baseURI).href + uri.replace(/^\.?\//, ''));

function useRaster(file: File): void {
  state.raster = file;
  view.showImagery(null, tileSize(), zoom());
  $('imagery-note').textContent = `${file.name}, ${(file.size / 1e6).toFixed(1)} MB, read here and sent nowhere.`;
  refresh();
}

async function useAreaFile(file: File): Promise<void> {
  state.geometry = await areaOf(file);
  view.map.fitBounds(boxOf({ geometry: state.geometry } as Feature), { padding: 40, duration: 0 });
  refresh();
}

async function run(): Promise<void> {
  if (state.running) {
    state.running.abort();
    return;
  }
  const { predictor, card } = state;
  if (!predictor || !card) return;
  say('');
  const box = area();
  const abort = new AbortController();
  results.clear();
  try {
    const request: PredictRequest = {
      ...(card.item ? { item: card.item } : { modelUrl: card.modelUrl! }),
      ...(state.raster ? { raster: state.raster } : { imageUri: state.imageUri!, zoom: zoom(), tileSize: tileSize() }),
      ...(areaKind() === 'file' && state.geometry ? { geometry: state.geometry } : box ? { bbox: box } : {}),
      clip: areaKind() === 'file' || areaKind() === 'draw',
      params: params.values(),
      signal: abort.signal,
      onProgress: tellProgress,
      onFeatures: (some) => {
        // Where a file lies is known when something is found in it.
        if (state.raster && results.count === 0) view.map.fitBounds(boxOf(some[0]!), { maxZoom: 18, duration: 0 });
        results.add(some);
      },
    };
    state.running = abort;
    state.runningBox = box;
    $('progress').hidden = false;
    refresh();
    const result = await predictor.predict(request);
    tellReport(result.report);
    results.show();
    if (result.features.length === 0) say('Nothing was found here. Try a lower confidence, another zoom, or imagery that looks like what the model learnt from.');
    if (matchMedia('(min-width: 761px)').matches) $('steps').scrollTop = $('results').offsetTop;
  } catch (e) {
    if (e instanceof AbortError) say(`Cancelled. ${results.count} found until then are kept.`);
    else say((e as Error).message);
  } finally {
    state.running = null;
    $('progress').hidden = true;
    refresh();
  }
}

function startDrawing(): void {
  let from: { lng: number; lat: number } | null = null;
  view.map.boxZoom.disable();
  view.map.on('mousedown', (e) => {
    if (areaKind() !== 'draw' || !e.originalEvent.shiftKey) return;
    e.preventDefault();
    from = e.lngLat;
  });
  view.map.on('mousemove', (e) => {
    if (!from) return;
    state.drawn = [Math.min(from.lng, e.lngLat.lng), Math.min(from.lat, e.lngLat.lat), Math.max(from.lng, e.lngLat.lng), Math.max(from.lat, e.lngLat.lat)];
    refresh();
  });
  window.addEventListener('mouseup', () => (from = null));
}

function useFile(file: File): void {
  if (/\.onnx$/i.test(file.name)) useModelFile(file);
  else if (/\.(geo)?json$/i.test(file.name)) {
    (document.querySelector('input[name=area][value=file]') as HTMLInputElement).checked = true;
    useAreaFile(file).catch((error: Error) => say(error.message));
  } else if (/\.tiff?$/i.test(file.name)) useRaster(file);
  else say(`${file.name}: expected an ONNX model, a GeoTIFF or GeoJSON`);
}

function listen(): void {
  for (let z = 14; z <= 22; ++z) $<HTMLSelectElement>('zoom').append(new Option(String(z), String(z), z === 19, z === 19));
  const on = (id: string, event: string, body: () => void): void => $(id).addEventListener(event, body);
  on('run', 'click', () => void run());
  on('zoom', 'change', () => (state.raster ? refresh() : void useImagery(state.imageUri ?? '')));
  on('grid', 'input', refresh);
  on('tile-size', 'change', () => (state.raster ? refresh() : void useImagery(state.imageUri ?? '')));
  on('params-reset', 'click', () => params.reset());
  for (const radio of document.querySelectorAll('input[name=area]')) radio.addEventListener('change', refresh);
  $('catalog-form').addEventListener('submit', (e) => { e.preventDefault(); void openModels(new URL($<HTMLInputElement>('catalog').value || defaultCatalog, document.baseURI).href); });
  $('imagery-form').addEventListener('submit', (e) => { e.preventDefault(); void useImagery($<HTMLInputElement>('imagery').value.trim()); });
  on('onnx', 'change', () => { const f = $<HTMLInputElement>('onnx').files?.[0]; if (f) useModelFile(f); });
  on('raster', 'change', () => { const f = $<HTMLInputElement>('raster').files?.[0]; if (f) useRaster(f); });
  on('area-file', 'change', () => { const f = $<HTMLInputElement>('area-file').files?.[0]; if (f) useAreaFile(f).catch((e: Error) => say(e.message)); });
  on('sheet', 'click', () => {
    const closed = $('panel').classList.toggle('closed');
    $('sheet').setAttribute('aria-expanded', String(!closed));
  });
  view.map.on('moveend', () => { if (!state.running) refresh(); });
  startTheme($('theme'));
  startDrawing();
  onFileDrop(useFile);
}

async function start(): Promise<void> {
  listen();
  results.listen();
  offerImagery();
  const at = query.get('at')?.split(',').map(Number);
  if (at?.length === 2 && at.every(Number.isFinite)) view.map.jumpTo({ center: at as [number, number], zoom: Number(query.get('zoom') ?? 19) - 1.5 });
  if (query.get('zoom')) $<HTMLSelectElement>('zoom').value = query.get('zoom')!;
  if (query.get('tile')) $<HTMLSelectElement>('tile-size').value = query.get('tile')!;
  const imagery = query.get('imagery') ?? knownImagery()[0] ?? '';
  $<HTMLInputElement>('imagery').value = imagery;
  void useImagery(imagery);
  showCards($('models'), [], null, () => undefined);
  $('models').textContent = 'Starting…';
  try {
    state.predictor = await createPredictor({ backend: (query.get('backend') as 'auto' | 'wasm' | null) ?? 'auto' });
    for (const plugin of pluginsOf(query, document.baseURI)) await state.predictor.loadPlugin(plugin);
    const catalog = new URL(query.get('catalog') ?? localStorage.getItem('catalog') ?? defaultCatalog, document.baseURI).href;
    $<HTMLInputElement>('catalog').value = catalog === defaultCatalog ? '' : catalog;
    await openModels(catalog);
  } catch (e) {
    say((e as Error).message);
  }
  refresh();
  if ('serviceWorker' in navigator && import.meta.env.PROD) navigator.serviceWorker.register('./sw.js').catch(() => undefined);
}

void start();
