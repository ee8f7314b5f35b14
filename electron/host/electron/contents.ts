import { app, Menu, type WebContents } from 'electron'
import { say } from '../desktop/words.ts'

/** Holds every page to where it is: no navigation, no window, no webview, whoever asks. */
export function guardContents(): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
    contents.on('will-navigate', (event) => event.preventDefault())
    contents.on('will-frame-navigate', (event) => event.preventDefault())
    contents.on('will-redirect', (event) => event.preventDefault())
    contents.on('will-attach-webview', (event) => event.preventDefault())
    offerClipboard(contents)
  })
  // Every connection of the window stays in this app, so no certificate and no proxy is ever anybody's to wave through.
  app.on('certificate-error', (event, _contents, _url, _error, _certificate, callback) => {
    event.preventDefault()
    callback(false)
  })
  app.on('select-client-certificate', (event, _contents, _url, _list, callback) => {
    event.preventDefault()
    callback()
  })
  app.on('login', (event, _contents, _details, _authInfo, callback) => {
    event.preventDefault()
    callback()
  })
}

/** Cut, copy and paste in text fields; Electron has no menu of its own for them. */
function offerClipboard(contents: WebContents): void {
  contents.on('context-menu', (_event, params) => {
    if (!params.isEditable && params.selectionText === '') return
    const editing = [
      { role: 'cut', label: say('menu.cut'), enabled: params.editFlags.canCut },
      { role: 'copy', label: say('menu.copy'), enabled: params.editFlags.canCopy },
      { role: 'paste', label: say('menu.paste'), enabled: params.editFlags.canPaste },
      { role: 'selectAll', label: say('menu.selectAll') },
    ] as const
    const reading = [{ role: 'copy', label: say('menu.copy') }] as const
    Menu.buildFromTemplate(params.isEditable ? [...editing] : [...reading]).popup()
  })
}
