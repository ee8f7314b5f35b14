import { CSPProvider } from '@base-ui/react/csp-provider'
import { useTranslation } from 'react-i18next'
import { callScreen } from '../state/selectors.ts'
import { Announcer } from './announcer.tsx'
import { CallBar, CallToReturnTo } from './call-bar.tsx'
import { CallPane } from './call-pane.tsx'
import { Notices } from './notices.tsx'
import { PageContent } from './page-content.tsx'
import { Tabs } from './tabs.tsx'
import { TitleBar } from './title-bar.tsx'
import { useWindow } from './use-controller.ts'

/**
 * The whole window. Below 800 px one pane at a time: the call while there is one, else the phone or the accounts.
 * From 800 px on the phone stays at the left and the call has the right side, so that nothing moves when it rings.
 */
export function App() {
  const { t } = useTranslation()
  const { loaded, page, callShown } = useWindow((state) => ({
    loaded: state.app !== undefined,
    page: state.page,
    callShown: callScreen(state).kind !== 'none' && state.page.name === 'phone' && !state.adding,
  }))
  return (
    <CSPProvider disableStyleElements>
      <div className="flex h-full flex-col">
        <TitleBar />
        <main className="relative flex min-h-0 flex-1">
          {loaded ? (
            <>
              <div
                className={`min-h-0 w-full flex-col wide:flex wide:w-90 wide:shrink-0 wide:border-r wide:border-line ${callShown ? 'hidden' : 'flex'}`}
              >
                <CallToReturnTo />
                <PageContent page={page} />
                <Tabs />
              </div>
              <div className={`min-h-0 min-w-0 flex-1 flex-col wide:flex ${callShown ? 'flex' : 'hidden'}`}>
                <CallPane />
              </div>
            </>
          ) : (
            <h1 className="m-auto text-quiet">{t('app.loading')}</h1>
          )}
          <Notices />
          <CallBar />
          <Announcer />
        </main>
      </div>
    </CSPProvider>
  )
}
