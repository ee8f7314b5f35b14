import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright'
import { icns, ico } from './icon-files.ts'

/**
 * Draws every icon from the one SVG: packages (`build/`), window, tray and badge (`electron/assets/`). The results are
 * committed; `source.sha256` says which drawing they are of, and a test holds that against the SVG.
 *
 *   node scripts/icons.ts
 */
const root = join(import.meta.dirname, '..')
const svg = readFileSync(join(root, 'renderer/src/kedge.svg'), 'utf8')
const packageIcons = join(root, 'build/icons')
const assets = join(root, 'electron/assets')

/** macOS draws icons with a margin of a tenth around them (Apple's icon grid: 824 of 1024). */
const macMargin = 100 / 1024

/** For a menu bar: the anchor alone, which the system colours. */
const template = svg.replace(/<rect[^>]*>/, '').replaceAll('#fff', '#000')
const badge =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="#c4271f"/></svg>'

async function draw(page: Page, drawing: string, size: number, margin = 0): Promise<Buffer> {
  const inner = Math.round(size * (1 - 2 * margin))
  await page.setViewportSize({ width: size, height: size })
  const image = `data:image/svg+xml;base64,${Buffer.from(drawing).toString('base64')}`
  const style = `display:block;width:${inner}px;height:${inner}px;margin:${(size - inner) / 2}px`
  await page.setContent(`<body style="margin:0"><img src="${image}" style="${style}"></body>`)
  return page.screenshot({ omitBackground: true })
}

const browser = await chromium.launch({ executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium' })
try {
  const page = await browser.newPage()
  mkdirSync(packageIcons, { recursive: true })
  mkdirSync(assets, { recursive: true })

  for (const size of [16, 24, 32, 48, 64, 128, 256, 512]) {
    writeFileSync(join(packageIcons, `${size}x${size}.png`), await draw(page, svg, size))
  }
  const windows = [16, 24, 32, 48, 64, 128, 256]
  writeFileSync(join(root, 'build/icon.ico'), ico(await all(windows, (size) => draw(page, svg, size))))
  const mac = [16, 32, 64, 128, 256, 512, 1024]
  writeFileSync(join(root, 'build/icon.icns'), icns(await all(mac, (size) => draw(page, svg, size, macMargin))))

  const small: readonly (readonly [string, string, number])[] = [
    ['icon.png', svg, 256],
    ['tray.png', svg, 24],
    ['tray@2x.png', svg, 48],
    ['trayTemplate.png', template, 18],
    ['trayTemplate@2x.png', template, 36],
    ['missed.png', badge, 16],
    ['missed@2x.png', badge, 32],
  ]
  for (const [name, drawing, size] of small) writeFileSync(join(assets, name), await draw(page, drawing, size))
  writeFileSync(join(packageIcons, 'source.sha256'), `${createHash('sha256').update(svg).digest('hex')}\n`)
} finally {
  await browser.close()
}

/** One after the other: they are drawn on one page. */
async function all(sizes: readonly number[], drawAt: (size: number) => Promise<Buffer>): Promise<Map<number, Buffer>> {
  const drawn = new Map<number, Buffer>()
  for (const size of sizes) drawn.set(size, await drawAt(size))
  return drawn
}
