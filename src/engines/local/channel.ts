import { createServer, type Server, type Socket } from 'node:net'
import type { Message, Status } from './order.ts'

/** Longest line that either side reads, in bytes: an order with a script of a megabyte. */
const LINE_MOST = 16_777_216

/** Calls back with each line of a stream that is JSON; a longer one than allowed ends it. */
export function readLines<T>(socket: NodeJS.ReadableStream, onLine: (value: T) => void): void {
  let rest = ''
  socket.setEncoding('utf8')
  socket.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop()!
    if (rest.length > LINE_MOST) return void socket.emit('error', new Error('a line is too long'))
    for (const line of lines) onLine(JSON.parse(line) as T)
  })
}

/**
 * The control socket of a supervisor. Who says hello with the newest epoch is obeyed; earlier
 * connections are closed, and everything it says is told to those that are left.
 */
export class Channel {
  epoch: number
  private readonly server: Server
  private readonly sockets = new Set<Socket>()

  private readonly status: () => Status
  private readonly obey: (message: Message) => void

  constructor(epoch: number, status: () => Status, obey: (message: Message) => void) {
    this.status = status
    this.obey = obey
    this.epoch = epoch
    this.server = createServer((socket) => this.onConnection(socket))
  }

  /** In the working folder: a path from the root may be longer than a socket's can be. */
  listen(name: string): Promise<void> {
    return new Promise((done, fail) => {
      this.server.once('error', fail)
      this.server.listen(name, done)
    })
  }

  /** Tells all who listen how things are. */
  tell(): void {
    const line = `${JSON.stringify(this.status())}\n`
    for (const socket of this.sockets) socket.write(line)
  }

  close(): Promise<void> {
    for (const socket of this.sockets) socket.end()
    return new Promise((done) => {
      this.server.close(() => done())
    })
  }

  private onConnection(socket: Socket): void {
    let isHeard = false
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.sockets.delete(socket))
    readLines<Message>(socket, (message) => {
      if (message.type === 'hello') {
        if (message.epoch < this.epoch) return void socket.destroy()
        for (const other of this.sockets) other.destroy()
        this.epoch = message.epoch
        isHeard = true
        this.sockets.add(socket)
        socket.write(`${JSON.stringify(this.status())}\n`)
      } else if (isHeard && this.sockets.has(socket)) this.obey(message)
    })
  }
}
