import { Trash2 } from 'lucide-react'
import { useDeferredValue, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { findContacts, numbersOf } from '../people/contact-index.ts'
import { Button, IconButton } from './controls.tsx'
import { LongList } from './long-list.tsx'
import { PageFrame } from './page-frame.tsx'
import { Question } from './question.tsx'
import { RecentRow } from './recent-row.tsx'
import { SearchField } from './search-field.tsx'
import { useController, useHistory, useWindow } from './use-controller.ts'

/** As many numbers of matching contacts as the contract takes. */
const mostNumbers = 200
/** Calls that the ready screen shows beneath the keypad. */
const previewed = 4

/** The latest calls, beneath the keypad. */
export function LatestCalls() {
  const { t } = useTranslation()
  const controller = useController()
  const { entries, query } = useHistory((state) => ({ entries: state.entries, query: state.query }))
  const now = useToday()
  useEffect(() => {
    if (query !== '') controller.history.search('', [])
  }, [query, controller])
  if (entries.length === 0 || query !== '') return null
  return (
    <section aria-labelledby="latest-title" className="-mx-2">
      <div className="flex items-center justify-between px-2">
        <h2 id="latest-title" className="text-sm font-medium text-quiet">
          {t('history.recent')}
        </h2>
        <Button kind="bare" className="-mr-2" onClick={() => controller.goTo({ name: 'recents' })}>
          {t('history.all')}
        </Button>
      </div>
      <ul>
        {entries.slice(0, previewed).map((entry) => (
          <li key={entry.id}>
            <RecentRow entry={entry} now={now} />
          </li>
        ))}
      </ul>
    </section>
  )
}

/** Every call of the history, searched by name, number or account. */
export function RecentsPage() {
  const { t } = useTranslation()
  const controller = useController()
  const { entries, loaded, query } = useHistory((state) => state)
  const contacts = useWindow((state) => state.contacts)
  const [typed, setTyped] = useState(query)
  const wanted = useDeferredValue(typed)
  const [clearing, setClearing] = useState(false)
  const now = useToday()

  useEffect(() => {
    const matching = wanted.trim() === '' ? [] : findContacts(contacts, wanted)
    controller.history.search(wanted.trim(), numbersOf(contacts, matching, mostNumbers))
  }, [wanted, contacts, controller])

  return (
    <PageFrame
      title={t('tabs.recents')}
      actions={
        entries.length > 0 ? (
          <IconButton icon={Trash2} label={t('history.clear')} onClick={() => setClearing(true)} />
        ) : null
      }
    >
      <SearchField label={t('history.search')} data-testid="history-search" value={typed} onSearch={setTyped} />
      {clearing ? <ClearQuestion onDone={() => setClearing(false)} /> : null}
      {entries.length === 0 && loaded ? (
        <p className="m-auto p-8 text-center text-quiet">
          {query === '' ? t('history.empty') : t('history.notFound', { query })}
        </p>
      ) : (
        <LongList
          label={t('tabs.recents')}
          items={entries}
          keyOf={(entry) => entry.id}
          onEnd={() => controller.history.readMore()}
        >
          {(entry) => <RecentRow entry={entry} now={now} />}
        </LongList>
      )}
    </PageFrame>
  )
}

function ClearQuestion({ onDone }: { readonly onDone: () => void }) {
  const { t } = useTranslation()
  const controller = useController()
  const clear = async () => {
    await controller.history.clear()
    onDone()
  }
  return (
    <Question
      className="mx-4 mt-2"
      question={t('history.clearQuestion')}
      confirm={t('history.clearConfirm')}
      testId="history-clear"
      onConfirm={() => void clear()}
      onKeep={onDone}
    />
  )
}

const minuteMs = 60_000

/** Epoch ms, renewed each minute: "today" ends at midnight in an open window, too. */
function useToday(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), minuteMs)
    return () => clearInterval(timer)
  }, [])
  return now
}
