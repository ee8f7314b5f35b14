import { type ComponentProps, type ReactNode, useId } from 'react'

interface FieldProps extends ComponentProps<'input'> {
  readonly label: string
  readonly hint?: string | undefined
  /** The sentence that says what is wrong, when something is. */
  readonly error?: string | undefined
}

const inputClass =
  'min-h-11 w-full rounded-lg border border-edge bg-surface px-3 placeholder:text-quiet aria-invalid:border-unproven'

export function TextField({ label, hint, error, ...rest }: FieldProps) {
  const id = useId()
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error}>
      <input
        id={id}
        aria-describedby={`${id}-hint`}
        aria-invalid={error !== undefined}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        className={inputClass}
        {...rest}
      />
    </FieldFrame>
  )
}

interface TextAreaProps extends ComponentProps<'textarea'> {
  readonly label: string
  readonly hint?: string | undefined
  readonly error?: string | undefined
}

export function TextAreaField({ label, hint, error, ...rest }: TextAreaProps) {
  const id = useId()
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error}>
      <textarea
        id={id}
        rows={4}
        aria-describedby={`${id}-hint`}
        aria-invalid={error !== undefined}
        spellCheck={false}
        className={`${inputClass} py-2 font-mono text-xs`}
        {...rest}
      />
    </FieldFrame>
  )
}

interface SelectProps extends ComponentProps<'select'> {
  readonly label: string
  readonly hint?: string | undefined
  readonly options: readonly { readonly value: string; readonly label: string }[]
}

export function SelectField({ label, hint, options, ...rest }: SelectProps) {
  const id = useId()
  return (
    <FieldFrame id={id} label={label} hint={hint}>
      <select id={id} aria-describedby={`${id}-hint`} className={inputClass} {...rest}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </FieldFrame>
  )
}

interface ChoiceProps extends ComponentProps<'input'> {
  readonly label: string
  readonly explain: string
}

/** A radio button or a check box with its consequence beneath its name; the whole row is the target. */
export function Choice({ label, explain, ...rest }: ChoiceProps) {
  const id = useId()
  return (
    <label
      htmlFor={id}
      className="flex gap-3 rounded-lg border border-line bg-surface p-3 transition-colors hover:bg-raised has-checked:border-accent"
    >
      <input id={id} aria-describedby={`${id}-hint`} className="mt-0.5 size-5 shrink-0 accent-accent" {...rest} />
      <span>
        <span className="block font-medium">{label}</span>
        <span id={`${id}-hint`} className="block text-sm text-quiet">
          {explain}
        </span>
      </span>
    </label>
  )
}

interface FrameProps {
  readonly id: string
  readonly label: string
  readonly hint?: string | undefined
  readonly error?: string | undefined
  readonly children: ReactNode
}

function FieldFrame({ id, label, hint, error, children }: FrameProps) {
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children}
      <p id={`${id}-hint`} className={`text-sm empty:hidden ${error ? 'text-unproven' : 'text-quiet'}`}>
        {error ?? hint}
      </p>
    </div>
  )
}
