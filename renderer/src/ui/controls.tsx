import type { LucideIcon } from 'lucide-react'
import type { ComponentProps, ReactNode } from 'react'

type ButtonKind = 'call' | 'end' | 'plain' | 'bare'

const kinds: Record<ButtonKind, string> = {
  call: 'bg-accent text-on-accent hover:bg-accent-pressed active:bg-accent-pressed',
  end: 'bg-end text-on-end hover:bg-end-pressed active:bg-end-pressed',
  plain: 'bg-raised text-text hover:bg-pressed active:bg-pressed',
  bare: 'text-accent hover:bg-raised active:bg-pressed',
}

export interface ButtonProps extends ComponentProps<'button'> {
  readonly kind?: ButtonKind
  readonly icon?: LucideIcon
  readonly children: ReactNode
}

/** A button with a word on it, at least 44 px high. Disabled ones stay readable: one must be able to tell why. */
export function Button({ kind = 'plain', icon: Icon, className = '', children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      className={`inline-flex min-h-11 items-center justify-center gap-2 rounded-lg px-4 font-medium transition-colors disabled:bg-raised disabled:text-quiet ${kinds[kind]} ${className}`}
      {...rest}
    >
      {Icon ? <Icon aria-hidden="true" size={18} strokeWidth={2} className="shrink-0" /> : null}
      {children}
    </button>
  )
}

interface RoundControlProps extends ComponentProps<'button'> {
  readonly icon: LucideIcon
  readonly label: string
  readonly on?: boolean
}

/** A call control: an icon in a circle with its word beneath. `on` fills it, and says so to assistive technology. */
export function RoundControl({ icon: Icon, label, on, ...rest }: RoundControlProps) {
  return (
    <button
      type="button"
      aria-pressed={on}
      className="group flex w-20 flex-col items-center gap-1 rounded-lg text-sm text-quiet disabled:opacity-60 wide:gap-2"
      {...rest}
    >
      <span
        className={`flex size-12 items-center justify-center rounded-full transition-colors wide:size-14 ${on ? 'bg-text text-canvas' : 'bg-raised text-text group-hover:bg-pressed'}`}
      >
        <Icon aria-hidden="true" size={22} strokeWidth={1.75} />
      </span>
      {label}
    </button>
  )
}

interface IconButtonProps extends ComponentProps<'button'> {
  readonly icon: LucideIcon
  readonly label: string
}

/** A 44 px button with only an icon, for what everyone knows by its sign; its name is there for those who cannot see it. */
export function IconButton({ icon: Icon, label, className = '', ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={`flex size-11 shrink-0 items-center justify-center rounded-lg text-quiet transition-colors hover:bg-raised hover:text-text ${className}`}
      {...rest}
    >
      <Icon aria-hidden="true" size={20} strokeWidth={1.75} />
    </button>
  )
}
