import { describe, expect, it } from 'vitest'
import { LinkLimit, linkOfArguments, linkSchemes, parseLink } from '../../../../electron/host/desktop/deep-link.ts'

describe('a link that another program opens', () => {
  it.each([
    ['tel:+442079460018', '+442079460018'],
    ['tel:+44-20-7946-0018', '+442079460018'],
    ['TEL:+44%2020%207946%200018', '+442079460018'],
    ['tel:%2B15550100', '+15550100'],
    ['callto:(555) 010-0100', '5550100100'],
    ['callto://5550100', '5550100'],
    ['tel:*100%23', '*100#'],
    ['sip:100', '100'],
    ['sip:ada', 'ada'],
    ['sip:ada@Example.COM', 'ada@example.com'],
    ['sips:+15550100@sip.example.com', '+15550100@sip.example.com'],
  ])('%s asks for %s', (link, target) => {
    expect(parseLink(link)).toEqual({ kind: 'dial', target })
  })

  it.each([
    ['sip:ada@example.com?Replaces=x', 'has-parameters'],
    ['sip:ada@example.com;transport=udp', 'has-parameters'],
    ['tel:+15550100;phone-context=x', 'has-parameters'],
    ['sip:ada@example.com&x', 'has-parameters'],
    ['sip:ada:password@example.com', 'bad-user'],
    ['sip:ada%0d%0aVia:x@example.com', 'bad-user'],
    ['sip:ada%40evil@example.com', 'bad-user'],
    ['sip:--inspect=9229 x', 'bad-user'],
    ['sip:"ada"@example.com', 'bad-user'],
    ['tel:ada@example.com', 'bad-user'],
    ['sip:ada@example.com:5061', 'bad-host'],
    ['sip:ada@[::1]', 'bad-host'],
    ['sip:ada@-x.example', 'bad-host'],
    ['sip:ada@b@c', 'bad-host'],
    ['sip:', 'bad-user'],
    ['sip:@example.com', 'bad-user'],
    [`sip:${'a'.repeat(65)}`, 'bad-user'],
    [`tel:${'1'.repeat(300)}`, 'too-long'],
    ['javascript:alert(1)', 'unknown-scheme'],
    ['file:///etc/passwd', 'unknown-scheme'],
    ['sip', 'unknown-scheme'],
    ['', 'unknown-scheme'],
  ])('%s is refused: %s', (link, reason) => {
    expect(parseLink(link)).toEqual({ kind: 'refused', reason })
  })

  it('is one argument of a command line and never a switch', () => {
    expect(linkOfArguments(['kedge', '--', 'tel:+15550100'])).toEqual({ kind: 'dial', target: '+15550100' })
    expect(linkOfArguments(['kedge', '--allow-file-access', 'tel:100', '--x'])).toEqual({ kind: 'dial', target: '100' })
    expect(linkOfArguments(['kedge', '--inspect', '.', '--gpu-launcher=sh'])).toBeUndefined()
    expect(linkOfArguments(['sip:program@name'])).toBeUndefined()
    expect(linkOfArguments(['kedge', 'tel:1', 'tel:2'])).toEqual({ kind: 'refused', reason: 'several' })
  })

  it('is taken five times a minute', () => {
    const limit = new LinkLimit()
    const admitted = Array.from({ length: 20 }, (_, second) => limit.admits(second * 1_000))
    expect(admitted.filter(Boolean)).toHaveLength(5)
    expect(limit.admits(60_000)).toBe(true)
    expect(limit.admits(60_001)).toBe(false)
  })
})

/** Parts that an attacker would put before, into and after something callable. */
const prefixes = ['', ' ', '-', '--', '"', "'", '\0', '\u202e', '%00', '%0d%0a', '<', '//', '///', 'sip:', 'file:', 'x']
const payloads = [
  '--inspect',
  '--gpu-launcher=calc',
  '$(id)',
  '`id`',
  '|id',
  ';id',
  '" --no-sandbox "',
  '%20--inspect',
  'a%0d%0aVia: SIP/2.0/UDP x',
  'a\r\nContact: <sip:x>',
  'a@b?Replaces=1',
  'a@b;transport=udp',
  'a@b?Call-Info=%3Chttp://x%3E;answer-after=0',
  '../../etc/passwd',
  '%(id)s',
  'a<script>@b',
  'a@b/c',
  'a@b#c',
  'a@b\\c',
  '\uff0b15550100',
  '1555\u200b0100',
  'a b c d',
  'ａｄａ@example.com',
  'a@xn--',
  'a@b..c',
]
const suffixes = ['', '?', '?x=y', ';x', '%', '%zz', '@', '"', ' --x', '\n']
/** What a target may be made of, and no more: digits, a plain user, a plain host. */
const harmless = /^(?:\+?[0-9*#]{1,64}|[A-Za-z0-9._~*+-]{1,64}(?:@[a-z0-9.-]{1,253})?)$/

describe('16,000 hostile links', () => {
  const links = linkSchemes.flatMap((scheme) =>
    prefixes.flatMap((prefix) =>
      payloads.flatMap((payload) => suffixes.map((suffix) => `${scheme}:${prefix}${payload}${suffix}`)),
    ),
  )

  it('come to nothing but refusals and plain text', () => {
    expect(links.length).toBe(16_000)
    const outcomes = links.map((link) => ({ link, outcome: parseLink(link) }))
    const taken = outcomes.flatMap(({ link, outcome }) => (outcome.kind === 'dial' ? [{ link, ...outcome }] : []))
    expect(taken.filter(({ target }) => !harmless.test(target))).toEqual([])
    // Of what is taken, nothing was in the link that the target does not show.
    const shown = (text: string) =>
      text
        .toLowerCase()
        .replace(/^[a-z]+:(?:\/\/)?/, '')
        .replace(/[^a-z0-9*#+~@._-]/g, '')
    expect(
      taken.filter(({ link, target }) => shown(link).replace(/[.-]/g, '') !== target.replace(/[.-]/g, '')),
    ).toEqual([])
    expect(taken.length).toBeLessThan(links.length / 50)
  })

  it('would be noticed by the same check if parameters were let through (canary)', () => {
    const careless = (link: string) => link.replace(/^[a-z]+:/, '')
    expect(links.filter((link) => !harmless.test(careless(link))).length).toBeGreaterThan(1_000)
  })
})
