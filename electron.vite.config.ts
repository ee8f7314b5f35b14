import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'
import { licencesFile } from './scripts/licences.ts'

const at = (path: string) => resolve(import.meta.dirname, path)

/** The compiled SRTP kernel goes beside the bundle, where the media worker looks for it (`scripts/build-wasm.mjs` makes it). */
const srtpKernel = {
  name: 'srtp-kernel',
  generateBundle(this: { emitFile(file: { type: 'asset'; fileName: string; source: Uint8Array }): void }) {
    for (const file of ['srtp-simd.wasm', 'srtp-baseline.wasm']) {
      const source = readFileSync(at(`electron/media/srtp/kernel/build/${file}`))
      this.emitFile({ type: 'asset', fileName: `build/${file}`, source })
    }
  },
}

/**
 * The library that system calls are made with goes where the media worker looks for it (`electron/media/worker/libc.ts`), for
 * the systems whose package npm has installed: the one that builds. Without it media goes through Node's sockets alone.
 */
const systemCalls = {
  name: 'system-calls',
  generateBundle(this: { emitFile(file: { type: 'asset'; fileName: string; source: Uint8Array }): void }) {
    for (const arch of ['x64', 'arm64']) {
      const library = at(`node_modules/@koromix/koffi-linux-${arch}/linux_${arch}/koffi.node`)
      if (!existsSync(library)) continue
      this.emitFile({ type: 'asset', fileName: `native/koffi-linux-${arch}.node`, source: readFileSync(library) })
    }
  },
}

/** Icons of window, tray and badge (`scripts/icons.ts` draws them). */
const icons = {
  name: 'icons',
  generateBundle(this: { emitFile(file: { type: 'asset'; fileName: string; source: Uint8Array }): void }) {
    for (const file of readdirSync(at('electron/assets'))) {
      this.emitFile({ type: 'asset', fileName: `assets/${file}`, source: readFileSync(at(`electron/assets/${file}`)) })
    }
  },
}

/** The licences of everything that is bundled go with it. */
const licences = {
  name: 'licences',
  generateBundle(this: { emitFile(file: { type: 'asset'; fileName: string; source: string }): void }) {
    this.emitFile({ type: 'asset', fileName: 'licences.txt', source: licencesFile(at('.')) })
  },
}

/**
 * Everything is bundled, so the packaged app needs no `node_modules`. Workers are inputs of their own: the same line
 * `new Worker(new URL('./media-worker.js', import.meta.url))` then serves both shells.
 */
export default defineConfig({
  main: {
    plugins: [srtpKernel, systemCalls, icons, licences],
    build: {
      outDir: at('out/main'),
      externalizeDeps: false,
      sourcemap: true,
      rolldownOptions: {
        input: {
          main: at('electron/main.ts'),
          serve: at('electron/serve.ts'),
          'media-worker': at('electron/media/worker/main.ts'),
          'demo-trunk-worker': at('electron/demo-trunk/worker.ts'),
        },
        // Chunks lie beside the entries: a worker is found relative to the module that starts it.
        output: { chunkFileNames: '[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: at('out/preload'),
      externalizeDeps: false,
      rolldownOptions: {
        input: { preload: at('electron/preload.ts') },
        // A sandboxed window cannot load an ES module as its preload script.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: at('renderer'),
    plugins: [react(), tailwindcss()],
    build: {
      outDir: at('out/renderer'),
      emptyOutDir: true,
      // Loaded from this machine, so one chunk is as good as many.
      chunkSizeWarningLimit: 2_000,
      // Inlined assets would be data: URLs, which the content security policy refuses.
      assetsInlineLimit: 0,
      rolldownOptions: { input: at('renderer/index.html') },
    },
  },
})
