import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Buildings } from './Buildings';

const query = new URL(location.href).searchParams;
const bbox = query.get('bbox')!.split(',').map(Number) as [number, number, number, number];

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <Buildings data={query.get('data')!} bbox={bbox} zoom={Number(query.get('zoom'))} />
  </StrictMode>,
);
