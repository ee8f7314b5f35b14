import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'

export interface ProcessOptions {
  /** How failures name the process. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** Network namespace to run in (Linux, root); the one of the tests when absent. */
  readonly namespace?: string
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>

/** Groups still running: ended when the test process itself exits, whatever the reason. */
const running = new Set<number>()
process.once('exit', () => {
  for (const pid of running) signalGroup(pid, 'SIGKILL')
})

/**
 * A peer started by a test. It leads a process group of its own, so that ending it ends its workers too (Kamailio
 * and Chromium have many), and nothing that this test did not start.
 */
export class PeerProcess implements AsyncDisposable {
  readonly name: string
  readonly pid: number
  readonly exited: Promise<Exit>
  readonly #child: Child
  #output = ''
  #exit: Exit | undefined
  #changed = Promise.withResolvers<void>()

  constructor(options: ProcessOptions, child: Child, pid: number) {
    this.name = options.name
    this.pid = pid
    this.#child = child
    running.add(pid)
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', (text: string) => {
        this.#output += text
        this.#announce()
      })
    }
    this.exited = once(child, 'exit').then(([code, signal]) => {
      running.delete(pid)
      this.#exit = { code, signal }
      this.#announce()
      return this.#exit
    })
  }

  /** Everything it has written so far, standard output and error in one. */
  get output(): string {
    return this.#output
  }

  write(line: string): void {
    this.#child.stdin.write(`${line}\n`)
  }

  /** The first match in what it has written or will write; fails when it exits or the time is over. */
  async waitForOutput(pattern: RegExp, timeoutMs = 10_000): Promise<RegExpExecArray> {
    const deadline = AbortSignal.timeout(timeoutMs)
    const over = new Promise<void>((resolve) => deadline.addEventListener('abort', () => resolve(), { once: true }))
    for (;;) {
      const match = pattern.exec(this.#output)
      if (match) return match
      if (this.#exit) throw new Error(`${this.name} ended before it wrote ${pattern}:\n${this.tail()}`)
      if (deadline.aborted) throw new Error(`${this.name} did not write ${pattern} in ${timeoutMs} ms:\n${this.tail()}`)
      await Promise.race([this.#changed.promise, over])
    }
  }

  /** Asks politely with the given signal; the whole group is killed when that takes longer than five seconds. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    if (this.#exit) return this.#exit
    process.kill(this.pid, signal)
    const timer = setTimeout(() => signalGroup(this.pid, 'SIGKILL'), 5_000)
    const exit = await this.exited
    clearTimeout(timer)
    signalGroup(this.pid, 'SIGKILL')
    return exit
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  tail(lines = 30): string {
    return this.#output.trimEnd().split('\n').slice(-lines).join('\n')
  }

  #announce(): void {
    const { resolve } = this.#changed
    this.#changed = Promise.withResolvers()
    resolve()
  }
}

export async function startProcess(options: ProcessOptions): Promise<PeerProcess> {
  const { namespace, command, args } = options
  const [program = '', ...rest] = [...(namespace ? ['ip', 'netns', 'exec', namespace] : []), command, ...args]
  const child = spawn(program, rest, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  await once(child, 'spawn')
  if (child.pid === undefined) throw new Error(`${options.name} has no process id`)
  // A peer that exits while we write to it reports that through its exit, not through a broken pipe.
  child.stdin.on('error', () => {})
  return new PeerProcess(options, child, child.pid)
}

/** Runs a tool to its end and returns what it wrote; fails with its output when its exit status is not 0. */
export async function runTool(command: string, args: readonly string[], cwd?: string): Promise<string> {
  const tool = await startProcess({ name: command, command, args, ...(cwd === undefined ? {} : { cwd }) })
  const { code } = await tool.exited
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${tool.tail()}`)
  return tool.output
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
