'use strict'
// The alarms of a service's functions, queues and tables. Those of what all share are in platform/watch.yml.

const { camel } = require('./names')

const minute = 60
const operations = ['GetItem', 'BatchGetItem', 'Query', 'TransactWriteItems']

const metric = (namespace, name, dimensions) => ({
  Namespace: namespace,
  MetricName: name,
  Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }))
})
const query = (id, one, stat = 'Sum', period = minute) =>
  ({ Id: id, ReturnData: false, MetricStat: { Period: period, Stat: stat, Metric: one } })
const result = (expression) => ({ Id: 'result', Expression: expression, ReturnData: true })

const alarm = (names, about, properties) => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: {
    AlarmName: `${names.prefix}${about}`,
    AlarmActions: [names.imported('AlarmTopicArn')],
    OKActions: [names.imported('AlarmTopicArn')],
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
    EvaluationPeriods: 1,
    Threshold: 0,
    ...properties
  }
})
const single = (one, stat = 'Sum', period = minute) => ({
  ...one, Period: period, ...(stat.startsWith('p') ? { ExtendedStatistic: stat } : { Statistic: stat })
})

/** Sweeps work until their time is up while anything is due, webhooks wait for slow receivers, and a slice of an import is as
  * large as the merchant's products: no version's fault. */
const takesItsTime = (one) => one.events.some((event) => event.schedule) ||
  ['notifications-webhooks', 'products-imports'].some((queue) => one.access.consumes?.includes(queue))

/** Alarms of a function by which its new version is taken back. To Lambda, a function has succeeded that says 5xx or gives
  * messages back. The first is seen at the API alone, and all relays are one service to their metrics: both alarms are the
  * platform's. Not by dead letters: old ones would keep out the version that mends their cause. */
const rollbackAlarms = (names, id, one) => [
  { Ref: `${id}ErrorRateAlarm` },
  ...(takesItsTime(one) ? [] : [{ Ref: `${id}SlowAlarm` }]),
  ...(one.access.consumes ? [{ Ref: `${id}FailingAlarm` }] : []),
  ...(one.access.relays ? [names.named('relays-failing')] : []),
  ...(one.events.some((event) => event.httpApi) ? [names.named('api-failing')] : [])
]

/** The function's messages by their outcome. Dimensions as in src/adapters/telemetry_cloudwatch: no queue among them. */
const reactions = (names, outcome) =>
  metric('Souk', 'souk_reactions_total', { Service: names.service, Stage: names.stage, outcome })

const failing = (names, about, one) => alarm(names, `${about}-failing`, {
  // A new version gets a tenth of the calls, so one that fails all of them shows as 10 %.
  AlarmDescription: `Of at least 20 messages a minute, more than 5 % fail in ${one.name}.`,
  Threshold: 5,
  EvaluationPeriods: 3,
  DatapointsToAlarm: 2,
  Metrics: [
    result('IF(done + failed >= 20, 100 * failed / (done + failed), 0)'),
    query('done', reactions(names, 'done')),
    query('failed', reactions(names, 'failed'))
  ]
})

const ofFunction = (names, name, one, fallback) => {
  const dimensions = { FunctionName: one.name }
  const lambda = (what) => metric('AWS/Lambda', what, dimensions)
  const id = camel(name)
  const about = `${names.service}-${name}`
  const timeout = (one.timeout || fallback) * 1000
  const slow = takesItsTime(one) ? 95 : 50
  one.rollbackAlarms = rollbackAlarms(names, id, one)
  const alarms = {
    [`${id}ErrorRateAlarm`]: alarm(names, `${about}-error-rate`, {
      AlarmDescription: `More than 1 % of the calls of ${one.name} fail.`,
      Threshold: 1,
      EvaluationPeriods: 3,
      DatapointsToAlarm: 2,
      Metrics: [
        result('100 * errors / MAX([invocations, 1])'),
        query('errors', lambda('Errors')),
        query('invocations', lambda('Invocations'))
      ]
    }),
    [`${id}SlowAlarm`]: alarm(names, `${about}-slow`, {
      AlarmDescription: `p99 of ${one.name} is above ${slow} % of its timeout.`,
      Threshold: timeout * slow / 100,
      EvaluationPeriods: 5,
      DatapointsToAlarm: 3,
      ...single(lambda('Duration'), 'p99')
    }),
    [`${id}ThrottledAlarm`]: alarm(names, `${about}-throttled`, {
      AlarmDescription: `Calls of ${one.name} are refused for want of concurrency.`,
      ...single(lambda('Throttles'))
    })
  }
  if (one.access.consumes) {
    alarms[`${id}FailingAlarm`] = failing(names, about, one)
  }
  if (one.access.relays) {
    alarms[`${id}BehindAlarm`] = alarm(names, `${about}-behind`, {
      AlarmDescription: 'Events wait in a stream: what was committed is not announced. After 24 h they are lost to it.',
      Threshold: 5 * minute * 1000,
      EvaluationPeriods: 3,
      ...single(lambda('IteratorAge'), 'Maximum')
    })
  }
  if (one.events.some((event) => event.schedule)) {
    alarms[`${id}SilentAlarm`] = alarm(names, `${about}-silent`, {
      AlarmDescription: `${one.name} should run every minute and does not.`,
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      EvaluationPeriods: 2,
      TreatMissingData: 'breaching',
      ...single(lambda('Invocations'), 'Sum', 5 * minute)
    })
  }
  return alarms
}

const depth = (names, id, queue) => ({
  [`${id}FilledAlarm`]: alarm(names, `${queue}-filled`, {
    AlarmDescription: `There are dead letters in ${names.prefix}${queue}: see "Dead letters" in docs/aws.md.`,
    ...single(metric('AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName: names.named(queue) }), 'Maximum')
  })
})

const ofQueue = (names, name) => ({
  ...depth(names, names.dead(name), `${name}-dead`),
  [`${names.queue(name)}OldAlarm`]: alarm(names, `${name}-old`, {
    AlarmDescription: `A message has waited in ${names.named(name)} for ten minutes.`,
    Threshold: 10 * minute,
    EvaluationPeriods: 3,
    ...single(metric('AWS/SQS', 'ApproximateAgeOfOldestMessage', { QueueName: names.named(name) }), 'Maximum')
  })
})

const ofTable = (names, name) => {
  const TableName = names.named(name)
  const id = names.table(name)
  const of = (what, Operation) => metric('AWS/DynamoDB', what, { TableName, Operation })
  const summed = (what) => [
    result('SUM(METRICS())'),
    ...operations.map((operation) => query(operation[0].toLowerCase() + operation.slice(1), of(what, operation)))
  ]
  return {
    [`${id}ThrottledAlarm`]: alarm(names, `table-${name}-throttled`, {
      AlarmDescription: `DynamoDB throttles ${TableName}.`,
      Threshold: 10,
      EvaluationPeriods: 3,
      DatapointsToAlarm: 2,
      Metrics: summed('ThrottledRequests')
    }),
    [`${id}FailingAlarm`]: alarm(names, `table-${name}-failing`, {
      AlarmDescription: `DynamoDB answers ${TableName} with errors of its own.`,
      Threshold: 5,
      EvaluationPeriods: 3,
      DatapointsToAlarm: 2,
      Metrics: summed('SystemErrors')
    }),
    // Races are normal and are run again; this is when they are not.
    [`${id}ContendedAlarm`]: alarm(names, `table-${name}-contended`, {
      AlarmDescription: `Transactions on ${TableName} keep colliding.`,
      Threshold: 1000,
      EvaluationPeriods: 5,
      ...single(metric('AWS/DynamoDB', 'TransactionConflict', { TableName }))
    })
  }
}

/** Of a counter of the service's own. */
const ofCounter = (names, about, { counter, above, means }) => ({
  [`${camel(about)}Alarm`]: alarm(names, about, {
    AlarmDescription: means,
    Threshold: above,
    ...single(metric('Souk', counter, { Service: names.service, Stage: names.stage }))
  })
})

const resources = (names, owned, functions, fallback) => Object.assign({},
  ...Object.entries(owned.alarms || {}).map(([about, one]) => ofCounter(names, about, one)),
  ...Object.entries(functions).map(([name, one]) => ofFunction(names, name, one, fallback)),
  ...Object.keys(owned.queues || {}).map((name) => ofQueue(names, name)),
  ...(owned.tables || []).map((name) => ofTable(names, name)),
  Object.values(functions).some((one) => one.access.relays)
    ? depth(names, names.dead('relay'), `${names.service}-relay-dead`)
    : {}
)

module.exports = { resources }
