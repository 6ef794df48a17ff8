'use strict'
// The dashboard's body: orders on top, then what people feel (API), what works behind (functions, queues, streams), the tables.
// By search expressions, so that a new function, queue or table shows up by itself. Quotes would ask for a whole value, not a part.

const widget = (x, y, width, title, metrics, more = {}) => ({
  type: 'metric', x, y, width, height: 6,
  properties: { region: '${AWS::Region}', title, period: 60, view: 'timeSeries', metrics, ...more }
})
const search = (expression, stat, label = '') => [{ expression: `SEARCH('${expression}', '${stat}', 60)`, label }]

module.exports = async ({ resolveVariable }) => {
  const stage = await resolveVariable('sls:stage')
  const prefix = `souk-${stage}`
  const events = `{Souk,Service,Stage,type} Stage="${stage}" MetricName="souk_events_total"`
  const api = (metric, stat) => ['AWS/ApiGateway', metric, 'ApiId', '${Api}', { stat }]
  const lambda = (metric) => `{AWS/Lambda,FunctionName} FunctionName=${prefix} MetricName="${metric}"`
  const queue = (metric) => `{AWS/SQS,QueueName} QueueName=${prefix} MetricName="${metric}"`
  const table = (metric) => `{AWS/DynamoDB,TableName} TableName=${prefix} MetricName="${metric}"`
  const body = {
    widgets: [
      widget(0, 0, 12, 'Events announced', [search(events, 'Sum')], { stacked: true }),
      widget(12, 0, 12, 'Answers of the API', [api('Count', 'Sum'), api('4xx', 'Sum'), api('5xx', 'Sum')]),
      widget(0, 6, 12, 'API latency', [api('Latency', 'p50'), api('Latency', 'p99')]),
      widget(12, 6, 12, 'Function duration, p99', [search(lambda('Duration'), 'p99')]),
      widget(0, 12, 12, 'Function errors', [search(lambda('Errors'), 'Sum')]),
      widget(12, 12, 12, 'Functions at once', [search(lambda('ConcurrentExecutions'), 'Maximum')]),
      widget(0, 18, 8, 'Age of the oldest message', [search(queue('ApproximateAgeOfOldestMessage'), 'Maximum')]),
      widget(8, 18, 8, 'Messages in queues (…-dead: dead letters)', [search(queue('ApproximateNumberOfMessagesVisible'), 'Maximum')]),
      widget(16, 18, 8, 'Streams behind', [search(lambda('IteratorAge'), 'Maximum')]),
      widget(0, 24, 8, 'Rows written', [search(table('ConsumedWriteCapacityUnits'), 'Sum')]),
      widget(8, 24, 8, 'Rows read', [search(table('ConsumedReadCapacityUnits'), 'Sum')]),
      widget(16, 24, 8, 'Colliding transactions', [search(table('TransactionConflict'), 'Sum')])
    ]
  }
  return { 'Fn::Sub': JSON.stringify(body) }
}
