import { defineConfig } from 'vite';

// What the package's README tells users of any Vite to set. The React app beside this one sets nothing.
export default defineConfig({
  worker: { format: 'es' },
  optimizeDeps: { exclude: ['@fair-edge/web'] },
});
