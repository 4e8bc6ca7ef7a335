// No bundler: the folder dist/standalone of the package is served as it is.
import { createPredictor } from './node_modules/@fair-edge/web/dist/standalone/index.js';

const query = new URL(location.href).searchParams;
const data = query.get('data');
const count = document.querySelector('#count');
const progress = document.querySelector('#progress');

document.querySelector('#run').addEventListener('click', async () => {
  const predictor = await createPredictor({ backend: 'wasm' });
  try {
    const result = await predictor.predict({
      itemUrl: `${data}/item.json`,
      imageUri: `${data}/tiles/{z}/{x}/{y}.png`,
      bbox: query.get('bbox').split(',').map(Number),
      zoom: Number(query.get('zoom')),
      onProgress: ({ tilesDone, tilesTotal }) => { if (tilesTotal) progress.value = tilesDone / tilesTotal; },
    });
    count.value = result.features.length;
    document.body.dataset.text = result.text();
  } catch (error) {
    count.value = error.message;
  } finally {
    predictor.close();
  }
});
