import { AbortError, createPredictor, type Predictor, type Progress } from '@fair-edge/web';
import { useEffect, useRef, useState } from 'react';

interface Props {
  data: string;
  bbox: [number, number, number, number];
  zoom: number;
}

/** A button that predicts, how far it is, and how many buildings there are. */
export function Buildings({ data, bbox, zoom }: Props) {
  const predictor = useRef<Promise<Predictor> | null>(null);
  const [progress, setProgress] = useState<Progress | null>(null);
  const [found, setFound] = useState('not run yet');
  const [text, setText] = useState('');

  // Strict mode mounts twice: the predictor is made by the first click, and closed with the component.
  useEffect(() => () => {
    void predictor.current?.then((p) => p.close());
    predictor.current = null;
  }, []);

  async function run(): Promise<void> {
    try {
      predictor.current ??= createPredictor({ backend: 'wasm' });
      const result = await (await predictor.current).predict({
        itemUrl: `${data}/item.json`,
        imageUri: `${data}/tiles/{z}/{x}/{y}.png`,
        bbox,
        zoom,
        onProgress: setProgress,
      });
      setText(result.text());
      setFound(String(result.features.length));
    } catch (error) {
      if (!(error instanceof AbortError)) setFound((error as Error).message);
    }
  }

  return (
    <main data-text={text}>
      <button id="run" onClick={() => void run()}>Predict</button>
      <progress id="progress" max={1} value={progress?.tilesTotal ? progress.tilesDone / progress.tilesTotal : 0} />
      <p>Buildings: <output id="count">{found}</output></p>
    </main>
  );
}
