import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/**
 * The system calls that media needs and Node has no interface for, made through koffi. Linux only: elsewhere packets go
 * through Node's sockets and carry no mark. None of them waits, and no length is told but that of the buffer beside it.
 */
export interface Libc {
  /**
   * Marks what the socket sends from now on.
   * @param trafficClass - DSCP and two bits of ECN (RFC 2474 §3), 0..255
   * @returns false when the system refuses
   */
  setTrafficClass(fd: number, family: 4 | 6, trafficClass: number): boolean
  /**
   * Reads one datagram.
   * @param name - gets the sender's socket name, `NAME_BYTES`
   * @returns its bytes, cut to the buffer; below 0 when there is none, or the system reports an earlier failure
   */
  receive(fd: number, buffer: Buffer, name: Uint8Array): number
  /** @returns bytes sent; below 0 when the system cannot take it now or never will */
  send(fd: number, packet: Buffer, name: Uint8Array): number
  /** @returns a descriptor for `watch` and `ready`, which lives as long as the process */
  openWatch(): number
  /** From now on `ready` says when the socket can be read, until it is closed. @param id - 0..2^31-1 */
  watch(watchFd: number, fd: number, id: number): boolean
  /** @param ids - gets the ids of sockets that can be read, as many as fit @returns how many */
  ready(watchFd: number, ids: Int32Array): number
}

/** A `sockaddr_in`. */
export const NAME_BYTES = 16

const MSG_DONTWAIT = 0x40
const EPOLL_CLOEXEC = 0x80000
const EPOLL_CTL_ADD = 1
const EPOLLIN = 1
/** Option to set the traffic class by: level and name. */
const trafficClassOption = { 4: [0, 1], 6: [41, 67] } as const

/** The parts of koffi that are used; its platform packages bring no types. */
interface Koffi {
  load(path: null): { func(declaration: string): (...args: unknown[]) => number }
}

/**
 * @returns undefined on systems other than Linux
 * @throws Error when koffi is not there or cannot be used
 */
export function loadLibc(platform = process.platform, arch: string = process.arch): Libc | undefined {
  if (platform !== 'linux' || (arch !== 'x64' && arch !== 'arm64')) return undefined
  const library = loadKoffi(arch).load(null)
  const setsockopt = library.func('int setsockopt(int fd, int level, int option, void *value, unsigned int bytes)')
  const recvfrom = library.func(
    'intptr_t recvfrom(int fd, void *buffer, size_t bytes, int flags, void *name, void *nameBytes)',
  )
  const sendto = library.func(
    'intptr_t sendto(int fd, void *buffer, size_t bytes, int flags, void *name, unsigned int nameBytes)',
  )
  const epollCreate = library.func('int epoll_create1(int flags)')
  const epollCtl = library.func('int epoll_ctl(int watch, int operation, int fd, void *event)')
  const epollWait = library.func('int epoll_wait(int watch, void *events, int count, int timeoutMs)')

  const nameBytes = new Uint32Array(1)
  // struct epoll_event: 32 bits of events and 64 of data, which only x64 packs without a gap.
  const eventWords = arch === 'x64' ? 3 : 4
  const dataWord = eventWords - 2
  let events = new Int32Array(0)
  return {
    setTrafficClass(fd, family, trafficClass) {
      const [level, option] = trafficClassOption[family]
      return setsockopt(fd, level, option, Int32Array.of(trafficClass), Int32Array.BYTES_PER_ELEMENT) === 0
    },
    receive(fd, buffer, name) {
      nameBytes[0] = NAME_BYTES
      return recvfrom(fd, buffer, buffer.length, MSG_DONTWAIT, name, nameBytes)
    },
    send: (fd, packet, name) => sendto(fd, packet, packet.length, MSG_DONTWAIT, name, NAME_BYTES),
    openWatch: () => epollCreate(EPOLL_CLOEXEC),
    watch(watchFd, fd, id) {
      const event = new Int32Array(eventWords)
      event[0] = EPOLLIN
      event[dataWord] = id
      return epollCtl(watchFd, EPOLL_CTL_ADD, fd, event) === 0
    },
    ready(watchFd, ids) {
      if (events.length < ids.length * eventWords) events = new Int32Array(ids.length * eventWords)
      const count = epollWait(watchFd, events, ids.length, 0)
      for (let n = 0; n < count; n++) ids[n] = events[n * eventWords + dataWord] as number
      return count
    },
  }
}

/** The build puts the library beside the bundle; in development it is where npm put it. */
function loadKoffi(arch: string): Koffi {
  const require = createRequire(import.meta.url)
  const built = fileURLToPath(new URL(`./native/koffi-linux-${arch}.node`, import.meta.url))
  return require(existsSync(built) ? built : `@koromix/koffi-linux-${arch}`) as Koffi
}
