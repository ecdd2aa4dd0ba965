// Loaded before a server that would listen to the whole world: every port it opens is one of this machine only.
import net from 'node:net'

const listen = net.Server.prototype.listen

net.Server.prototype.listen = function (first, ...rest) {
  if (typeof first === 'number' || (typeof first === 'string' && /^\d+$/.test(first))) {
    const back = rest.filter((value) => typeof value === 'function')
    return listen.call(this, { port: Number(first), host: '127.0.0.1' }, ...back)
  }
  if (first && typeof first === 'object' && 'port' in first) {
    return listen.call(this, { ...first, host: '127.0.0.1' }, ...rest)
  }
  return listen.call(this, first, ...rest)
}
