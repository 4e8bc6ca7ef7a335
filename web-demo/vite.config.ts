import { defineConfig } from 'vite';

const isolated = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

// Relative addresses, so that the built files work under any path of any host.
export default defineConfig({
  base: './',
  worker: { format: 'es' },
  build: { target: 'es2022', assetsInlineLimit: 0 },
  server: { headers: isolated },
  preview: { headers: isolated },
  // The package's worker finds its files beside itself; pre-bundling would move it away from them.
  optimizeDeps: { exclude: ['@fair-edge/web'] },
});
