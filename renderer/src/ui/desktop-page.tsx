import { Keyboard, RotateCw, X } from 'lucide-react'
import { type KeyboardEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import {
  type DesktopSettings,
  type DesktopView,
  defaultDesktopSettings,
  type PasswordChoice,
  type ShortcutAction,
  shortcutActions,
} from '../../../shared/model/desktop.ts'
import { acceleratorOf, withShortcut } from '../text/accelerator.ts'
import { Button, IconButton } from './controls.tsx'
import { Choice } from './form-fields.tsx'
import { PageFrame } from './page-frame.tsx'
import { useController, useWindow } from './use-controller.ts'

const switches = ['closeToTray', 'startAtLogin', 'openLinks', 'updates'] as const

/** What Kedge does beside its window: tray, start at login, links, shortcuts, passwords, updates. */
export function DesktopPage() {
  const { t } = useTranslation()
  const controller = useController()
  const { settings, view, protection } = useWindow((state) => ({
    settings: state.app?.settings?.desktop ?? defaultDesktopSettings,
    view: state.app?.desktop,
    protection: state.app?.passwordProtection,
  }))
  if (!view) return null
  const change = (changed: Partial<DesktopSettings>) => void controller.saveDesktop({ ...settings, ...changed })
  const explain = (name: (typeof switches)[number]) =>
    name === 'openLinks' && settings.openLinks && !view.linksOpenHere
      ? t('desktop.openLinks.elsewhere')
      : t(`desktop.${name}.explain`)
  return (
    <PageFrame title={t('settings.desktop.title')} onBack={() => controller.goTo({ name: 'settings' })}>
      <div className="flex min-h-0 flex-1 flex-col gap-6 overflow-y-auto p-4">
        <div className="flex flex-col gap-2">
          {switches.map((name) => (
            <Choice
              key={name}
              type="checkbox"
              data-testid={`desktop-${name}`}
              label={t(`desktop.${name}.label`)}
              explain={explain(name)}
              checked={settings[name]}
              onChange={(event) => change({ [name]: event.target.checked })}
            />
          ))}
          <Update view={view} />
        </div>
        <Shortcuts settings={settings} view={view} onChange={(shortcuts) => change({ shortcuts })} />
        <p className="text-sm text-quiet">{t(`desktop.passwords.${protection ?? 'system'}`)}</p>
        {protection === 'readable' || protection === 'none' ? (
          <PasswordChoices
            chosen={settings.passwords}
            canStore={protection === 'readable'}
            onChoose={(passwords) => change({ passwords })}
          />
        ) : null}
      </div>
    </PageFrame>
  )
}

function Update({ view: { update } }: { readonly view: DesktopView }) {
  const { t } = useTranslation()
  const controller = useController()
  const values = 'version' in update ? { version: update.version } : {}
  return (
    <div data-testid="desktop-update" data-kind={update.kind} className="flex flex-col gap-2">
      <p className="text-sm text-quiet">{t(`desktop.update.${update.kind}`, values)}</p>
      {update.kind === 'ready' ? (
        <Button icon={RotateCw} onClick={() => void controller.installUpdate()}>
          {t('desktop.update.restart')}
        </Button>
      ) : null}
    </div>
  )
}

interface ShortcutsProps {
  readonly settings: DesktopSettings
  readonly view: DesktopView
  readonly onChange: (shortcuts: DesktopSettings['shortcuts']) => void
}

function Shortcuts({ settings: { shortcuts }, view, onChange }: ShortcutsProps) {
  const { t } = useTranslation()
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 text-sm font-medium">{t('desktop.shortcuts.title')}</legend>
      <p className="text-sm text-quiet">{t('desktop.shortcuts.explain')}</p>
      {shortcutActions.map((action) => (
        <Shortcut
          key={action}
          action={action}
          keys={shortcuts[action]}
          taken={view.takenShortcuts.includes(action)}
          onChange={(keys) => onChange(withShortcut(shortcuts, action, keys))}
        />
      ))}
    </fieldset>
  )
}

interface ShortcutProps {
  readonly action: ShortcutAction
  readonly keys: string | undefined
  /** Another program has it. */
  readonly taken: boolean
  readonly onChange: (keys: string | undefined) => void
}

/** One shortcut: press the button, then the keys. */
function Shortcut({ action, keys, taken, onChange }: ShortcutProps) {
  const { t } = useTranslation()
  const [listening, setListening] = useState(false)
  const name = t(`desktop.shortcuts.${action}`)
  const onKeyDown = (event: KeyboardEvent) => {
    if (!listening || event.key === 'Tab') return
    event.preventDefault()
    if (event.key === 'Escape') setListening(false)
    const pressed = acceleratorOf(event.nativeEvent)
    if (pressed === undefined) return
    setListening(false)
    onChange(pressed)
  }
  const shown = keys?.replaceAll('+', ' + ') ?? t('desktop.shortcuts.none')
  return (
    <div className="flex flex-col gap-1">
      <div className="flex items-center gap-2">
        <span className="min-w-0 flex-1">{name}</span>
        <Button
          icon={Keyboard}
          data-testid={`shortcut-${action}`}
          aria-label={t(listening ? 'desktop.shortcuts.pressFor' : 'desktop.shortcuts.change', { name, keys: shown })}
          onClick={() => setListening(true)}
          onBlur={() => setListening(false)}
          onKeyDown={onKeyDown}
        >
          {listening ? t('desktop.shortcuts.press') : shown}
        </Button>
        {keys === undefined ? null : (
          <IconButton icon={X} label={t('desktop.shortcuts.clear', { name })} onClick={() => onChange(undefined)} />
        )}
      </div>
      {taken ? <p className="text-sm text-unproven">{t('desktop.shortcuts.taken')}</p> : null}
    </div>
  )
}

interface PasswordChoicesProps {
  readonly chosen: PasswordChoice
  /** False where the system cannot store a password at all. */
  readonly canStore: boolean
  readonly onChoose: (choice: PasswordChoice) => void
}

/** Where the system keeps no secrets: which is the lesser evil. Also asked when the first password is to be stored. */
export function PasswordChoices({ chosen, canStore, onChoose }: PasswordChoicesProps) {
  const { t } = useTranslation()
  const choices = canStore ? (['readable', 'not-stored'] as const) : (['not-stored'] as const)
  return (
    <fieldset data-testid="password-storage" className="flex flex-col gap-2">
      <legend className="mb-1 text-sm font-medium">{t('desktop.passwords.question')}</legend>
      {choices.map((choice) => (
        <Choice
          key={choice}
          type="radio"
          name="password-storage"
          data-testid={`password-storage-${choice}`}
          label={t(`desktop.passwords.choice.${choice}.label`)}
          explain={t(`desktop.passwords.choice.${choice}.explain`)}
          checked={chosen === choice}
          onChange={() => onChoose(choice)}
        />
      ))}
    </fieldset>
  )
}
