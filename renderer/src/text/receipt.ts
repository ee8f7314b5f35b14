import type { HistoryEntry } from '../../../shared/model/history.ts'
import type { TextFile } from '../ui/download.ts'

/** Version of the receipt's form; grows when a member changes its meaning. */
const receiptVersion = 1

const moment = (epochMs: number) => new Date(epochMs).toISOString()

/** Pure. The receipt of a call as a JSON file: the entry as it was kept, with its times as people and programs read them. */
export function receiptFile(entry: HistoryEntry): TextFile {
  const { startedAt, answeredAt, endedAt, ...rest } = entry
  const receipt = {
    kind: 'kedge-call-receipt',
    version: receiptVersion,
    startedAt: moment(startedAt),
    ...(answeredAt === undefined ? {} : { answeredAt: moment(answeredAt) }),
    endedAt: moment(endedAt),
    ...rest,
  }
  const name = `kedge-call-${moment(startedAt).slice(0, 19).replaceAll(':', '')}.json`
  return { name, type: 'application/json', text: `${JSON.stringify(receipt, undefined, 2)}\n` }
}
