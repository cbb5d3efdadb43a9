// Makes each CustomResourceDefinition of a folder what its file says, and ends when the API server serves it so.
const { readdir, readFile } = require('node:fs/promises')
const { join } = require('node:path')
const { setTimeout: pause } = require('node:timers/promises')

const { ACCOUNT, CRDS, KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env
const BASE = `https://${host.includes(':') ? `[${host}]` : host}:${port}/apis/apiextensions.k8s.io/v1/customresourcedefinitions`
const ATTEMPTS = 20
// Helm 4 applies the kinds at an install as this manager, and would stumble over fields that belong to another one.
const MANAGER = 'helm'

async function ask(method, url, body) {
  const authorization = `Bearer ${await readFile(join(ACCOUNT, 'token'), 'utf8')}`
  const response = await fetch(url, {
    method,
    headers: { authorization, 'content-type': 'application/apply-patch+yaml' },
    body,
    signal: AbortSignal.timeout(10_000),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${url} is answered ${response.status}: ${text}`)
  return JSON.parse(text)
}

function isEstablished({ status = {} }) {
  return (status.conditions ?? []).some(({ type, status }) => type === 'Established' && status === 'True')
}

async function upgrade(file) {
  const body = await readFile(join(CRDS, file), 'utf8')
  const url = `${BASE}/${JSON.parse(body).metadata.name}`
  const { metadata } = await ask('PATCH', `${url}?fieldManager=${MANAGER}&force=true&fieldValidation=Strict`, body)
  while (!isEstablished(await ask('GET', url))) await pause(500)
  console.log(`${metadata.name}: generation ${metadata.generation}`)
}

async function attempt(file) {
  for (let left = ATTEMPTS - 1; ; left--) {
    try {
      return await upgrade(file)
    } catch (error) {
      if (left === 0) throw error
      console.log(String(error.cause ?? error.message))
      await pause(2000)
    }
  }
}

async function main() {
  // What a mounted ConfigMap has beside its keys begins with dots.
  for (const file of (await readdir(CRDS)).filter((name) => !name.startsWith('.'))) await attempt(file)
}

main()
