import { Headset as HeadsetSign } from 'lucide-react'
import { createContext, useContext } from 'react'
import { useTranslation } from 'react-i18next'
import { useStore } from 'zustand'
import type { Headset } from '../headset/headset.ts'
import { Button } from './controls.tsx'

export const HeadsetContext = createContext<Headset | undefined>(undefined)

/** Buttons and lights of a headset: whether one is connected, and the way to choose it. */
export function HeadsetRow() {
  const headset = useContext(HeadsetContext)
  return headset ? <Row headset={headset} /> : null
}

function Row({ headset }: { readonly headset: Headset }) {
  const { t } = useTranslation()
  const { kind, name } = useStore(headset.store)
  return (
    <section
      aria-label={t('headset.title')}
      data-testid="headset"
      data-kind={kind}
      className="flex flex-col items-start gap-2"
    >
      <h2 className="font-medium">{t('headset.title')}</h2>
      <p className="text-sm text-quiet">{t(`headset.state.${kind}`, { name })}</p>
      {kind === 'unsupported' ? null : (
        <Button icon={HeadsetSign} data-testid="headset-choose" onClick={() => void headset.choose()}>
          {kind === 'connected' ? t('headset.other') : t('headset.choose')}
        </Button>
      )}
    </section>
  )
}
