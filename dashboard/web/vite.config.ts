import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

// The address of a running Threerings, or of dev/fake-server.mjs.
const backend = process.env.THREERINGS_URL ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [react()],
  // The server writes a nonce in its place, another for each page (dashboard/web.go).
  html: { cspNonce: '{{nonce}}' },
  build: {
    target: 'es2022',
    // A strict content policy allows no data: addresses, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Ant Design's table is only ever loaded by the desk pages.
    chunkSizeWarningLimit: 900,
  },
  server: {
    proxy: {
      '/api': backend,
      '/ws': { target: backend, ws: true },
    },
  },
  test: { include: ['src/**/*.test.ts'] },
})
