/**
 * A bare `node:http` server that thinks of nothing: `plain.ts PORT` answers empty, `plain.ts PORT STATUS HEADERS BODY` always
 * gives that answer, HEADERS being a JSON array of names and values in turn.
 */
import { createServer } from 'node:http'

const [port, status, headers = '[]', body = ''] = process.argv.slice(2)
const code = Number(status)
const array = JSON.parse(headers) as string[]

const server =
  status === undefined
    ? createServer((_request, response) => {
        response.end()
      })
    : createServer((_request, response) => {
        response.writeHead(code, array)
        response.end(body)
      })
server.keepAliveTimeout = 620_000
server.listen(Number(port), '127.0.0.1')
