import { createElement, type FunctionComponent } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { initReactI18next } from 'react-i18next'
import { createStore } from 'zustand/vanilla'
import { i18n } from '../../../renderer/src/i18n.ts'
import en from '../../../renderer/src/locales/en.json' with { type: 'json' }
import type { Controller } from '../../../renderer/src/state/controller.ts'
import type { WindowState } from '../../../renderer/src/state/window-state.ts'
import { ControllerContext } from '../../../renderer/src/ui/use-controller.ts'

await i18n.use(initReactI18next).init({
  lng: 'en',
  resources: { en: { translation: en } },
  interpolation: { escapeValue: false },
})

/** Words of a screen as it is at first sight, without markup; nothing can be pressed. */
export function wordsOf<P extends object>(screen: FunctionComponent<P>, props: P, state: WindowState): string {
  return markupOf(screen, props, state).replaceAll(/<[^>]+>/gu, '|')
}

/** The same with its markup, for what only assistive technology is told. */
export function markupOf<P extends object>(screen: FunctionComponent<P>, props: P, state: WindowState): string {
  const controller = { store: createStore(() => state) } as unknown as Controller
  return renderToStaticMarkup(createElement(ControllerContext, { value: controller }, createElement(screen, props)))
}
