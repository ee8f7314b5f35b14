/**
 * Loaded before the built main process: answers its `electron` with the stand-in, says on standard output what the shell
 * does, and passes `quit` on from standard input.
 */
import { registerHooks } from 'node:module'

const fake = new URL('./electron.ts', import.meta.url).href
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: fake, shortCircuit: true } : next(specifier, context),
})

const { app, recorded } = await import(fake)
recorded.dataDir = process.env.KEDGE_FAKE_USER_DATA
let said = ''
const look = setInterval(() => {
  const loaded = recorded.windows.flatMap((window) => window.loaded)
  const menu = recorded.trays.flatMap((tray) => tray.menu.map(({ label }) => label))
  const now = [...loaded.map((url) => `loaded ${url}`), ...menu.map((label) => `tray ${label}`)].join('\n')
  if (now !== said) console.log(now)
  said = now
  if (recorded.quits > 0) process.exit(0)
}, 50)
look.unref()
process.stdin.on('data', (text) => {
  if (String(text).trim() === 'quit') app.quit()
})
