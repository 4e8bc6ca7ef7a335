import { createPredictor, type PredictResult, type Predictor } from '@fair-edge/web';

const query = new URL(location.href).searchParams;
const data = query.get('data')!;
const [west, south, east, north] = query.get('bbox')!.split(',').map(Number) as [number, number, number, number];
const count = document.querySelector<HTMLOutputElement>('#count')!;
const progress = document.querySelector<HTMLProgressElement>('#progress')!;

async function run(): Promise<void> {
  const predictor: Predictor = await createPredictor({ backend: 'wasm' });
  try {
    const result: PredictResult = await predictor.predict({
      itemUrl: `${data}/item.json`,
      imageUri: `${data}/tiles/{z}/{x}/{y}.png`,
      bbox: [west, south, east, north],
      zoom: Number(query.get('zoom')),
      onProgress: ({ tilesDone, tilesTotal }) => { if (tilesTotal) progress.value = tilesDone / tilesTotal; },
    });
    count.value = String(result.features.length);
    document.body.dataset['text'] = result.text();
  } catch (error) {
    count.value = (error as Error).message;
  } finally {
    predictor.close();
  }
}

document.querySelector<HTMLButtonElement>('#run')!.addEventListener('click', () => void run());
