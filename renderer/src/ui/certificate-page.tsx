import { ShieldAlert, ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { AccountView } from '../../../shared/model/account.ts'
import { type CertificateView, pinFor } from '../../../shared/model/certificate.ts'
import { accountOf } from '../state/selectors.ts'
import { fingerprintLines, mayBeTrusted } from '../text/certificate-words.ts'
import { formatMoment } from '../text/format.ts'
import { Button } from './controls.tsx'
import { FactList } from './fact-list.tsx'
import { Choice } from './form-fields.tsx'
import { PageFrame } from './page-frame.tsx'
import { useController, useWindow } from './use-controller.ts'

/** What a server showed that nobody vouches for, and the question whether the user does. */
export function CertificatePage({ accountId }: { readonly accountId: string }) {
  const { t } = useTranslation()
  const controller = useController()
  const account = useWindow((state) => accountOf(state, accountId))
  const certificate = account?.state.kind === 'failed' ? account.state.certificate : undefined
  return (
    <PageFrame title={t('certificate.title')} onBack={() => controller.goTo({ name: 'accounts' })}>
      <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto p-4">
        {account && certificate ? (
          <Question key={certificate.sha256} account={account} certificate={certificate} />
        ) : (
          <p className="text-quiet">{t('certificate.none')}</p>
        )}
      </div>
    </PageFrame>
  )
}

interface QuestionProps {
  readonly account: AccountView
  readonly certificate: CertificateView
}

function Question({ account: { settings, state }, certificate }: QuestionProps) {
  const { t } = useTranslation()
  const controller = useController()
  const [compared, setCompared] = useState(false)
  const pin = pinFor(settings)
  const changed = state.kind === 'failed' && state.code === 'tls/pin-changed'
  const values = { domain: settings.domain, label: settings.label }
  const leave = () => {
    controller.accounts.choose(settings.id)
    controller.goTo({ name: 'phone' })
  }
  const trust = async () => {
    if (await controller.accounts.trustCertificate(settings.id, certificate.sha256)) leave()
  }
  return (
    <>
      <div className="flex gap-3 rounded-xl border border-unproven-line bg-unproven-tint p-4">
        <ShieldAlert aria-hidden="true" size={22} className="mt-0.5 shrink-0 text-unproven" />
        <div className="min-w-0">
          <p className="font-semibold text-unproven">
            {t(changed ? 'certificate.changed' : 'certificate.unknown', values)}
          </p>
          <p className="mt-1 text-sm">
            {t(changed ? 'certificate.changedExplain' : 'certificate.unknownExplain', values)}
          </p>
        </div>
      </div>
      <Fingerprint
        label={t(changed ? 'certificate.fingerprintNow' : 'certificate.fingerprint')}
        sha256={certificate.sha256}
      />
      {changed && pin ? (
        <Fingerprint
          label={t('certificate.fingerprintBefore', { when: formatMoment(pin.trustedAt) })}
          sha256={pin.sha256}
        />
      ) : null}
      <Facts certificate={certificate} />
      {mayBeTrusted(state) ? (
        <>
          <Choice
            type="checkbox"
            data-testid="certificate-compared"
            label={t('certificate.compared')}
            explain={t('certificate.comparedExplain')}
            checked={compared}
            onChange={(event) => setCompared(event.target.checked)}
          />
          <div className="flex flex-col gap-2">
            <Button
              icon={ShieldCheck}
              data-testid="certificate-trust"
              disabled={!compared}
              onClick={() => void trust()}
            >
              {t(changed ? 'certificate.trustNew' : 'certificate.trust')}
            </Button>
            <Button kind="bare" data-testid="certificate-refuse" onClick={leave}>
              {t('certificate.refuse')}
            </Button>
          </div>
        </>
      ) : (
        <p className="text-sm">{t('certificate.noChoice')}</p>
      )}
    </>
  )
}

/** In groups that one can read out over the telephone. */
export function Fingerprint({ label, sha256 }: { readonly label: string; readonly sha256: string }) {
  return (
    <div>
      <p className="text-sm font-medium">{label}</p>
      <p
        dir="ltr"
        data-testid="certificate-fingerprint"
        className="mt-1 font-mono text-sm leading-relaxed tracking-wide"
      >
        {fingerprintLines(sha256).map((line) => (
          <span key={line} className="block">
            {line}
          </span>
        ))}
      </p>
    </div>
  )
}

function Facts({ certificate }: { readonly certificate: CertificateView }) {
  const { t } = useTranslation()
  const { subject, issuer, selfSigned, names, validFrom, validTo } = certificate
  const rows = [
    { name: t('certificate.subject'), value: subject },
    { name: t('certificate.issuer'), value: selfSigned ? t('certificate.selfSigned') : issuer },
    { name: t('certificate.names'), value: names.join(', ') || t('certificate.noNames') },
    { name: t('certificate.from'), value: formatMoment(validFrom) },
    { name: t('certificate.to'), value: formatMoment(validTo) },
  ]
  return <FactList facts={rows} />
}
