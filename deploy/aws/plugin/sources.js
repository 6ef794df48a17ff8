'use strict'
// What feeds functions: queues, and the streams of tables for the relay.

const { attribute } = require('./names')
const { queue, days } = require('./queues')

// Batches of a queue that run at once. Bounds what a burst does to DynamoDB, and leaves concurrency to requests.
const concurrencyMax = 20
// A batch sends one mail after the other; SES takes 14 a second from most accounts. Lambda takes no less than 2.
const concurrencyMaxOf = { 'notifications-mails': 2 }
// Outbox rows only: no other row has the attribute e (src/adapters/ledger_dynamodb/item_codec.h).
const outboxRows = { eventName: ['INSERT'], dynamodb: { NewImage: { e: { S: [{ exists: true }] } } } }

const fromQueue = (names, name) => ({
  sqs: {
    arn: attribute(names.queue(name), 'Arn'),
    batchSize: 10,
    maximumConcurrency: concurrencyMaxOf[name] || concurrencyMax,
    functionResponseType: 'ReportBatchItemFailures'
  }
})

// A record that cannot be published must not hold up its shard for ever, but an outage of SNS must not lose events:
// half a day, then its place in the stream goes to the dead queue (the row itself stays in the table).
const fromStream = (names, table) => ({
  stream: {
    type: 'dynamodb',
    arn: attribute(names.table(table), 'StreamArn'),
    startingPosition: 'TRIM_HORIZON',
    batchSize: 100,
    parallelizationFactor: 4,
    maximumRetryAttempts: -1, // The age alone decides.
    maximumRecordAgeInSeconds: 12 * 3600,
    bisectBatchOnFunctionError: true,
    functionResponseType: 'ReportBatchItemFailures',
    filterPatterns: [outboxRows],
    destinations: { onFailure: { arn: attribute(names.dead('relay'), 'Arn'), type: 'sqs' } }
  }
})

const events = (names, { access = {} }) => [
  ...(access.consumes || []).map((name) => fromQueue(names, name)),
  ...(access.relays || []).map((table) => fromStream(names, table))
]

const resources = (names, functions) =>
  Object.values(functions).some((one) => one.access.relays)
    ? { [names.dead('relay')]: queue({ QueueName: `${names.function('relay')}-dead`, MessageRetentionPeriod: 14 * days }) }
    : {}

module.exports = { events, resources }
