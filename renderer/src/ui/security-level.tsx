import { KeyRound, Lock, LockKeyholeOpen, LockOpen, type LucideIcon } from 'lucide-react'
import type { HopSecurity } from '../text/security-words.ts'

/** How each level looks. Only what is proven is green and closed; nothing is told by colour alone. */
export const securityLooks: Record<
  HopSecurity,
  { readonly icon: LucideIcon; readonly text: string; readonly box: string }
> = {
  proven: { icon: Lock, text: 'text-proven', box: 'border-proven-line bg-proven-tint' },
  establishing: { icon: LockKeyholeOpen, text: 'text-unproven', box: 'border-unproven-line bg-unproven-tint' },
  exposed: { icon: KeyRound, text: 'text-unproven', box: 'border-unproven-line bg-unproven-tint' },
  clear: { icon: LockOpen, text: 'text-unproven', box: 'border-unproven-line bg-unproven-tint' },
  absent: { icon: LockKeyholeOpen, text: 'text-quiet', box: 'border-line bg-surface' },
}
