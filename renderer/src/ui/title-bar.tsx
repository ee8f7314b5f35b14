import { Menu } from '@base-ui/react/menu'
import { Anchor, Check, ChevronDown, Moon, PhoneIncoming, SlidersHorizontal } from 'lucide-react'
import { type RefObject, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { canPlaceCalls, currentAccount } from '../state/selectors.ts'
import { AccountSign } from './account-status.tsx'
import { useController, useWindow } from './use-controller.ts'
import { WaitingMessages } from './waiting-messages.tsx'

const itemClass =
  'flex min-h-11 items-center gap-3 rounded-md px-3 outline-none data-highlighted:bg-raised data-disabled:text-quiet'

/** The window's title: its name, and the account in use with its true state, which opens the menu of accounts. */
export function TitleBar() {
  const { t } = useTranslation()
  const header = useRef<HTMLElement>(null)
  return (
    <header ref={header} className="flex h-14 shrink-0 items-center gap-2 border-b border-line px-4">
      <Anchor aria-hidden="true" size={20} strokeWidth={2.25} className="text-accent" />
      <span className="font-semibold tracking-tight">{t('app.name')}</span>
      <AccountMenu within={header} />
    </header>
  )
}

function AccountMenu({ within }: { readonly within: RefObject<HTMLElement | null> }) {
  const { t } = useTranslation()
  const controller = useController()
  const { account, accounts, demo, defaultId, undisturbed } = useWindow((state) => ({
    defaultId: state.app?.settings?.defaultAccountId,
    undisturbed: state.app?.settings?.doNotDisturb ?? false,
    account: currentAccount(state),
    accounts: state.app?.accounts,
    demo: state.app?.accounts.find((candidate) => candidate.demo),
  }))
  if (!account || !accounts) return null
  const { label } = account.settings
  const stateWord = t(`account.state.${account.state.kind}`)
  return (
    <Menu.Root>
      <Menu.Trigger
        data-testid="account-state"
        data-kind={account.state.kind}
        data-code={account.state.kind === 'failed' ? account.state.code : undefined}
        className="-mr-2 ml-auto flex h-11 min-w-0 items-center gap-2 rounded-lg px-2 transition-colors hover:bg-raised data-popup-open:bg-raised"
      >
        <AccountSign state={account.state} />
        <span className="sr-only">{t('account.menu')}</span>
        <span className="flex min-w-0 flex-col items-start leading-tight">
          <span className="max-w-full truncate text-sm font-medium">{label}</span>
          <span className="max-w-full truncate text-xs text-quiet">{stateWord}</span>
        </span>
        <WaitingMessages account={account} short />
        {undisturbed ? (
          <Moon aria-label={t('undisturbed.on')} role="img" size={16} data-testid="undisturbed" className="shrink-0" />
        ) : null}
        <ChevronDown aria-hidden="true" size={16} className="shrink-0 text-quiet" />
      </Menu.Trigger>
      <Menu.Portal container={within}>
        <Menu.Positioner align="end" sideOffset={4} className="z-30">
          <Menu.Popup className="w-72 max-w-[calc(100vw-1rem)] rounded-xl border border-line bg-surface p-1 shadow-lg outline-none">
            <Menu.RadioGroup value={account.settings.id} onValueChange={(id: string) => controller.accounts.choose(id)}>
              <Menu.GroupLabel className="px-3 pt-2 pb-1 text-xs text-quiet">{t('account.use')}</Menu.GroupLabel>
              {accounts.map((item) => (
                <Menu.RadioItem key={item.settings.id} value={item.settings.id} closeOnClick className={itemClass}>
                  <AccountSign state={item.state} />
                  <span className="flex min-w-0 flex-1 flex-col leading-tight">
                    <span className="truncate text-sm">{item.settings.label}</span>
                    <span className="truncate text-xs text-quiet">{t(`account.state.${item.state.kind}`)}</span>
                  </span>
                  <WaitingMessages account={item} short />
                  {item.settings.id === defaultId ? (
                    <span className="text-xs text-quiet">{t('account.default')}</span>
                  ) : null}
                  <Menu.RadioItemIndicator>
                    <Check aria-hidden="true" size={16} className="text-accent" />
                  </Menu.RadioItemIndicator>
                </Menu.RadioItem>
              ))}
            </Menu.RadioGroup>
            <Menu.Separator className="mx-3 my-1 h-px bg-line" />
            <Menu.CheckboxItem
              data-testid="menu-do-not-disturb"
              checked={undisturbed}
              closeOnClick
              onCheckedChange={(doNotDisturb) => void controller.saveSettings({ doNotDisturb })}
              className={`${itemClass} text-sm`}
            >
              <Moon aria-hidden="true" size={16} className="shrink-0 text-quiet" />
              <span className="flex-1">{t('undisturbed.title')}</span>
              <Menu.CheckboxItemIndicator>
                <Check aria-hidden="true" size={16} className="text-accent" />
              </Menu.CheckboxItemIndicator>
            </Menu.CheckboxItem>
            {demo ? (
              <Menu.Item
                data-testid="demo-call-me"
                disabled={!canPlaceCalls(demo)}
                className={`${itemClass} text-sm`}
                onClick={() => void controller.demoCallMe()}
              >
                <PhoneIncoming aria-hidden="true" size={16} className="shrink-0 text-quiet" />
                {t('echo.callMe')}
              </Menu.Item>
            ) : null}
            <Menu.Item
              data-testid="manage-accounts"
              className={`${itemClass} text-sm`}
              onClick={() => controller.goTo({ name: 'accounts' })}
            >
              <SlidersHorizontal aria-hidden="true" size={16} className="shrink-0 text-quiet" />
              {t('account.manage')}
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  )
}
