// A whole Bluesky network of its own: PLC, PDS, bsync and AppView, as @atproto/dev-env has them. It leaves the
// moderation service out, which nothing here asks. Ports and databases come from the environment; when all of
// it answers, one line with the addresses is written.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const here = createRequire(`${process.env.BLUESKY_APP}/package.json`)
const { TestPlc, TestBsync, TestBsky, TestPds, mockNetworkUtilities } = await import(
  pathToFileURL(here.resolve('@atproto/dev-env')).href
)
const { DB_POSTGRES_URL: dbUrl, REDIS_HOST: redisHost, BLUESKY_PORTS, BLUESKY_RATE_LIMITS } = process.env
const [plcPort, pdsPort, bskyPort, bsyncPort] = BLUESKY_PORTS.split(',').map(Number)
const apiKey = 'bsync-api-key'

const plc = await TestPlc.create({ port: plcPort })
const bsync = await TestBsync.create({ port: bsyncPort, apiKeys: [apiKey], dbUrl, dbSchema: 'bsync' })
const bsky = await TestBsky.create({
  port: bskyPort,
  plcUrl: plc.url,
  pdsPort,
  bsyncApiKey: apiKey,
  bsyncUrl: bsync.url,
  repoProvider: `ws://localhost:${pdsPort}`,
  dbPostgresUrl: dbUrl,
  dbPostgresSchema: 'appview',
  redisHost,
  publicUrl: `http://localhost:${bskyPort}`,
})
bsync.ctx.dataplaneClients = [bsky.ctx.dataplane]
const pds = await TestPds.create({
  port: pdsPort,
  hostname: 'localhost',
  didPlcUrl: plc.url,
  bskyAppViewUrl: bsky.url,
  bskyAppViewDid: bsky.ctx.cfg.serverDid,
  enableDidDocWithSession: true,
  rateLimitsEnabled: BLUESKY_RATE_LIMITS === '1',
})
mockNetworkUtilities(pds, bsky)

process.on('SIGTERM', () => process.exit(0)) // nothing of it is kept
console.log(`READY ${JSON.stringify({ pds: pds.url, appview: bsky.url, plc: plc.url })}`)
